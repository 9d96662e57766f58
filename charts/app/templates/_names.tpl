{{/* app.labels {root, component}: what every resource carries; component may be empty. */}}
{{- define "app.labels" -}}
{{ include "app.selector" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* app.selector {root, component}: what never changes from release to release. */}}
{{- define "app.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{/* app.metadata {root, component, name, labels, annotations}: the head of a resource, named RELEASE-NAME; NAME is the component's unless said. */}}
{{- define "app.metadata" -}}
name: {{ .root.Release.Name }}-{{ .name | default .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "app.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* app.secret: the Secret with the addresses of the databases. */}}
{{- define "app.secret" -}}
{{ .Values.secrets.existing | default (printf "%s-database" .Release.Name) }}
{{- end }}
