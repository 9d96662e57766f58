{{/* app.podSecurity: what Pod Security "restricted" asks of a pod. The images run as this user. */}}
{{- define "app.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* app.containerSecurity: what it asks of a container, and a root that nobody can write to. */}}
{{- define "app.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* app.runAnnotations: who brought a pod. No labels: a selector must find the pods of every release. */}}
{{- define "app.runAnnotations" -}}
shipit.sh/run: {{ .Values.shipit.run | quote }}
shipit.sh/commit: {{ .Values.shipit.commit | quote }}
{{- end }}

{{/* app.pullSecrets: the logins for the registry, if there are any. */}}
{{- define "app.pullSecrets" -}}
{{- with .Values.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* app.probe {path}: one question to a pod; without a path, whether it accepts connections. */}}
{{- define "app.probe" -}}
{{- if .path -}}
httpGet: {path: {{ .path }}, port: main}
{{- else -}}
tcpSocket: {port: main}
{{- end }}
{{- end }}

{{/* app.placement {root, name, workload}: where pods run: on different nodes, over zones, on nodes that can be taken away. */}}
{{- define "app.placement" -}}
{{- $selector := include "app.selector" (dict "root" .root "component" .name) }}
{{- with .workload.pods }}
{{- if or (ne .antiAffinity "none") .spot.enabled }}
affinity:
  {{- if eq .antiAffinity "preferred" }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- $selector | nindent 14 }}
  {{- else if eq .antiAffinity "required" }}
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- $selector | nindent 12 }}
  {{- end }}
  {{- if .spot.enabled }}
  nodeAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      {{- range .spot.labels }}
      - weight: 50
        preference:
          matchExpressions:
            - {key: {{ .key }}, operator: In, values: [{{ .value | quote }}]}
      {{- end }}
  {{- end }}
{{- end }}
{{- if .spot.enabled }}
tolerations:
  {{- range .spot.taints }}
  - {key: {{ .key }}, operator: Equal, value: {{ .value | quote }}, effect: NoSchedule}
  {{- end }}
{{- end }}
{{- if ne .zoneSpread "none" }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" (eq .zoneSpread "required") }}
    # Only pods of the same release count, so that those which are about to go do not stand in the way.
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels: {{- $selector | nindent 8 }}
{{- end }}
{{- end }}
{{- end }}
