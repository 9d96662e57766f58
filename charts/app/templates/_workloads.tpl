{{/*
app.workloads: what runs, by name, as YAML for fromYaml. Everything that differs between web, api and PgBouncer is said here,
so that each kind of resource has one template for all.
  image, port, command    of the container
  live, ready             paths of the probes; without them the port must accept connections
  config, secrets         environment variables: values, and keys of the secret
  mounts                  folders of the container: {path, configMap: …} or {path, secret: …}
  pods                    as `pods` in values.yaml
  callers, entry, egress  who may connect (names of workloads), whether the outside may, and what it may connect to: names of
                          workloads, `database`, or `https`, wherever that is
*/}}
{{- define "app.workloads" -}}
{{- $pooled := .Values.pgbouncer.enabled }}
{{- $api := mergeOverwrite (deepCopy .Values.pods) .Values.api }}
{{- $web := mergeOverwrite (deepCopy .Values.pods) .Values.web }}
api:
  image: {{ .Values.images.api }}
  port: 3001
  live: /health
  ready: /ready
  config:
    {{- dict "HOST" "0.0.0.0" "PORT" "3001" | merge (deepCopy $api.config) | toYaml | nindent 4 }}
  secrets:
    - DATABASE_URL
    - LEDGER_URL
    {{- if .Values.database.replica }}
    - DATABASE_REPLICA_URL
    {{- end }}
  pods: {{- omit $api "config" | toYaml | nindent 4 }}
  callers: [web, test]
  {{- if or (and .Values.ingress.enabled .Values.ingress.api.host) (and .Values.gateway.enabled .Values.gateway.apiHost) }}
  entry: true
  {{- end }}
  # A replica is asked directly.
  egress:
    {{- if $pooled }}
    - pgbouncer
    {{- end }}
    {{- if or .Values.database.replica (not $pooled) }}
    - database
    {{- end }}
    {{- if $api.config.API_GITHUB_SUBJECTS }}
    - https
    {{- end }}
# The page is of use while its API is away, and says so: it is ready when it lives.
web:
  image: {{ .Values.images.web }}
  port: 3000
  live: /health
  ready: /health
  config:
    {{- dict "HOST" "0.0.0.0" "PORT" "3000" "API_URL" (printf "http://%s-api:3001" .Release.Name) | merge (deepCopy $web.config) | toYaml | nindent 4 }}
  secrets: []
  pods: {{- omit $web "config" | toYaml | nindent 4 }}
  callers: [test]
  entry: true
  egress: [api]
{{- if $pooled }}
pgbouncer:
  image: {{ .Values.pgbouncer.image }}
  port: 5432
  command: [pgbouncer, /etc/pgbouncer/pgbouncer.ini]
  config: {}
  secrets: []
  mounts:
    - {path: /etc/pgbouncer, configMap: {{ .Release.Name }}-pgbouncer}
    - {path: /etc/pgbouncer-secret, secret: {{ .Values.pgbouncer.secret | quote }}}
  # A pooler keeps connections, so it stays away from nodes that can be taken away.
  pods:
    replicas: {{ .Values.pgbouncer.replicas }}
    resources: {{- toYaml .Values.pgbouncer.resources | nindent 6 }}
    autoscaling: {enabled: false}
    disruptionBudget: {{- toYaml .Values.pods.disruptionBudget | nindent 6 }}
    antiAffinity: {{ .Values.pods.antiAffinity }}
    zoneSpread: {{ .Values.pods.zoneSpread }}
    drainSeconds: {{ .Values.pods.drainSeconds }}
    spot: {enabled: false}
  callers: [api]
  egress: [database]
{{- end }}
{{- end }}

{{/* app.configuration {root, name, workload}: what the ConfigMap of a workload holds. */}}
{{- define "app.configuration" -}}
{{- if eq .name "pgbouncer" }}
{{- with .root.Values.pgbouncer -}}
pgbouncer.ini: |
  [databases]
  * = host={{ .host }} port={{ .port }}
  [pgbouncer]
  listen_addr = 0.0.0.0
  listen_port = 5432
  unix_socket_dir =
  auth_type = scram-sha-256
  auth_file = /etc/pgbouncer-secret/userlist.txt
  pool_mode = transaction
  max_client_conn = {{ .maxClients }}
  default_pool_size = {{ .poolSize }}
  server_tls_sslmode = {{ .tls }}
  {{- if hasPrefix "verify-" .tls }}
  server_tls_ca_file = /etc/pgbouncer-secret/ca.crt
  {{- end }}
{{- end }}
{{- else }}
{{- toYaml .workload.config }}
{{- end }}
{{- end }}
