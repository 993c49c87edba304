{{/* Whether connections from the load balancer begin with a PROXY header: "true" or nothing. */}}
{{- define "mqttd.proxyProtocol" -}}
{{- $given := .Values.listeners.proxyProtocol -}}
{{- if kindIs "invalid" $given -}}
{{- if and (eq .Values.service.type "LoadBalancer") (eq .Values.cloud "aws") }}true{{ end -}}
{{- else if $given }}true{{ end -}}
{{- end -}}

{{/* Whether the load balancer ends TLS: "true" or nothing. */}}
{{- define "mqttd.tlsTermination" -}}
{{- if and (eq .Values.service.type "LoadBalancer") (eq .Values.cloud "aws") .Values.service.aws.tlsTermination.enabled }}true{{ end -}}
{{- end -}}

{{/* Names of the listeners that are on, as JSON. */}}
{{- define "mqttd.listenerNames" -}}
{{- $names := list -}}
{{- range list "mqtt" "mqtts" "ws" "wss" "internal" -}}
{{- if (get $.Values.listeners .).enabled }}{{ $names = append $names . }}{{ end -}}
{{- end -}}
{{- $names | toJson -}}
{{- end -}}

{{/* Whether any listener speaks TLS itself: "true" or nothing. */}}
{{- define "mqttd.usesTls" -}}
{{- if or .Values.listeners.mqtts.enabled .Values.listeners.wss.enabled }}true{{ end -}}
{{- end -}}

{{/*
Ports of the Service as JSON: name, port and the listener behind it. Where the load balancer ends TLS, its encrypted ports lead to the
plain listeners, and these have no port of their own: nobody should reach them unencrypted.
*/}}
{{- define "mqttd.servicePorts" -}}
{{- $ports := list -}}
{{- $behind := include "mqttd.tlsTermination" . | eq "true" | ternary (dict "mqtts" "mqtt" "wss" "ws") (dict "mqtt" "mqtt" "mqtts" "mqtts" "ws" "ws" "wss" "wss") -}}
{{- range $name := list "mqtt" "mqtts" "ws" "wss" -}}
{{- $target := get $behind $name -}}
{{- if and $target (get $.Values.listeners $target).enabled -}}
{{- $ports = append $ports (dict "name" $name "port" (get $.Values.service.ports $name) "target" $target "nodePort" (get $.Values.service.nodePorts $name)) -}}
{{- end -}}
{{- end -}}
{{- $ports | toJson -}}
{{- end -}}
