{{- define "load-test.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "load-test.labels" -}}
{{- $own := dict "app.kubernetes.io/name" (.Values.nameOverride | default .Chart.Name) "app.kubernetes.io/instance" .Release.Name -}}
{{- $own = mustMerge $own (dict "app.kubernetes.io/component" "load-generator" "app.kubernetes.io/version" .Chart.AppVersion) -}}
{{- $own = mustMerge $own (dict "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version) "app.kubernetes.io/managed-by" .Release.Service) -}}
{{- mustMerge $own .Values.commonLabels | toYaml -}}
{{- end -}}

{{/* Stock images of the runtimes: those of the chart mqttd. */}}
{{- define "load-test.image" -}}
{{- $image := .Values.image -}}
{{- $stock := get (dict "bun" (dict "repository" "oven/bun" "tag" "1.4.5") "node" (dict "repository" "node" "tag" "24.21.0-bookworm-slim")) .Values.runtime -}}
{{- $tag := $image.repository | empty | ternary ($image.tag | default $stock.tag) $image.tag -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{ $image.repository | default $stock.repository }}
{{- with $tag }}:{{ . }}{{ end -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* All arguments of a job's pods. What stands in $(…) the kubelet replaces by the variable. */}}
{{- define "load-test.arguments" -}}
{{- $arguments := concat .job.args (list "--share" (printf "$(SHARE_NUMBER)/%d" (int64 .job.pods)) "--json") -}}
{{- if .root.Values.credentials.existingSecret }}{{ $arguments = concat $arguments (list "-u" "$(MQTT_USERNAME)" "-P" "$(MQTT_PASSWORD)") }}{{ end -}}
{{- with .root.Values.pushgateway.url }}{{ $arguments = concat $arguments (list "--pushgateway" .) }}{{ end -}}
{{- toYaml $arguments -}}
{{- end -}}
