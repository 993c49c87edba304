{{/* Name of the chart, in labels. */}}
{{- define "mqttd.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* Begins the name of every object. At most 52 characters: the StatefulSet's controller adds 11 for a label of 63. */}}
{{- define "mqttd.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $full | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "mqttd.headlessName" -}}
{{ include "mqttd.fullname" . }}-headless
{{- end -}}

{{- define "mqttd.adminName" -}}
{{ include "mqttd.fullname" . }}-admin
{{- end -}}

{{- define "mqttd.authSecretName" -}}
{{ include "mqttd.fullname" . }}-auth
{{- end -}}

{{- define "mqttd.adminSecretName" -}}
{{ .Values.admin.existingSecret | default (include "mqttd.adminName" .) }}
{{- end -}}

{{- define "mqttd.tlsSecretName" -}}
{{ .Values.tls.existingSecret | default (printf "%s-tls" (include "mqttd.fullname" .)) }}
{{- end -}}

{{- define "mqttd.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "mqttd.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{/* What a broker's pod is found by; never changes within a release. */}}
{{- define "mqttd.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mqttd.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: broker
{{- end -}}

{{/* Labels of every object. */}}
{{- define "mqttd.labels" -}}
{{- $own := include "mqttd.selectorLabels" . | fromYaml -}}
{{- $own = mustMerge $own (dict "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version) "app.kubernetes.io/version" .Chart.AppVersion "app.kubernetes.io/part-of" "mqttd" "app.kubernetes.io/managed-by" .Release.Service) -}}
{{- mustMerge $own .Values.commonLabels | toYaml -}}
{{- end -}}

{{/*
Head of every object: list of the root, its name, its own annotations and its own labels, which win over the common ones.
*/}}
{{- define "mqttd.metadata" -}}
{{- $root := index . 0 -}}
{{- $annotations := dict -}}
{{- $labels := dict -}}
{{- if gt (len .) 2 }}{{ $annotations = index . 2 | default dict }}{{ end -}}
{{- if gt (len .) 3 }}{{ $labels = index . 3 | default dict }}{{ end -}}
name: {{ index . 1 }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- mustMerge (dict) $labels (include "mqttd.labels" $root | fromYaml) | toYaml | nindent 2 }}
{{- with mustMerge (dict) $annotations $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
