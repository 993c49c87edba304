{{/* Seconds of silence after which the load balancer drops a connection; 0 where it does not, or where that is not known. */}}
{{- define "mqttd.idleSeconds" -}}
{{- if ne .Values.service.type "LoadBalancer" -}}
0
{{- else if include "mqttd.tlsTermination" . -}}
{{- /* A TLS listener's is 350 s and cannot be changed (Elastic Load Balancing, "Update the TCP idle timeout"). */ -}}
350
{{- else if has .Values.cloud (list "aws" "azure") -}}
{{- .Values.service.idleTimeoutSeconds | int64 -}}
{{- else -}}
0
{{- end -}}
{{- end -}}

{{/*
Annotations of the Service for the cloud's load balancer, as YAML.

aws: AWS Load Balancer Controller, guide "Service annotations". The controller knows listener attributes from 2.11 on. Deregistration
  waits until the broker has sent its clients away by itself, at its own rate.
azure: "Azure LoadBalancer" of the Azure cloud provider. Whole minutes.
gcp: "LoadBalancer Service parameters" of GKE. A passthrough load balancer, whose idle time cannot be set.
*/}}
{{- define "mqttd.cloudAnnotations" -}}
{{- $service := .Values.service -}}
{{- if ne $service.type "LoadBalancer" -}}
{{- else if eq .Values.cloud "aws" -}}
{{- $prefix := "service.beta.kubernetes.io/aws-load-balancer" -}}
{{- $attributes := list
  (printf "proxy_protocol_v2.enabled=%t" (include "mqttd.proxyProtocol" . | eq "true"))
  (printf "preserve_client_ip.enabled=%t" $service.aws.preserveClientIp)
  (printf "deregistration_delay.timeout_seconds=%d" (min 3600 (include "mqttd.gracePeriodSeconds" .))) -}}
{{ $prefix }}-type: external
{{ $prefix }}-nlb-target-type: {{ $service.aws.targetType }}
{{ $prefix }}-scheme: {{ $service.internal | ternary "internal" "internet-facing" }}
{{ $prefix }}-attributes: load_balancing.cross_zone.enabled={{ $service.aws.crossZone }}
{{ $prefix }}-target-group-attributes: {{ join "," $attributes }}
{{- if include "mqttd.tlsTermination" . }}
{{- $names := list }}
{{- range include "mqttd.servicePorts" . | fromJsonArray }}{{ $names = append $names .name }}{{ end }}
{{ $prefix }}-ssl-cert: {{ $service.aws.tlsTermination.certificateArn }}
{{ $prefix }}-ssl-ports: {{ join "," $names }}
{{ $prefix }}-ssl-negotiation-policy: {{ $service.aws.tlsTermination.sslPolicy }}
{{- else }}
{{- range include "mqttd.servicePorts" . | fromJsonArray }}
{{ $prefix }}-listener-attributes.TCP-{{ .port }}: tcp.idle_timeout.seconds={{ $service.idleTimeoutSeconds }}
{{- end }}
{{- end }}
{{- else if eq .Values.cloud "azure" -}}
service.beta.kubernetes.io/azure-load-balancer-internal: {{ $service.internal | quote }}
service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout: {{ div $service.idleTimeoutSeconds 60 | quote }}
{{- else if eq .Values.cloud "gcp" -}}
{{- if $service.internal -}}
networking.gke.io/load-balancer-type: Internal
{{- else -}}
cloud.google.com/l4-rbs: enabled
{{- end -}}
{{- end -}}
{{- end -}}
