{{/* Whether NATS joins the brokers: "true" or nothing. */}}
{{- define "mqttd.clustered" -}}
{{- if .Values.nats.servers }}true{{ end -}}
{{- end -}}

{{/* Whether each broker has a disk of its own: "true" or nothing. What is durable is in NATS where there is NATS. */}}
{{- define "mqttd.hasDisk" -}}
{{- if and .Values.persistence.enabled (not .Values.nats.servers) }}true{{ end -}}
{{- end -}}

{{/* Whether a file of users or rules is there, from a Secret or by value: "true" or nothing. */}}
{{- define "mqttd.hasFile" -}}
{{- if or .existingSecret .content }}true{{ end -}}
{{- end -}}

{{/* The settings of mqttd as YAML: what the values say, then `config`. */}}
{{- define "mqttd.settings" -}}
{{- $config := deepCopy .Values.config -}}
{{- $drain := dict "delaySeconds" (int64 .Values.drain.delaySeconds) "disconnectRate" (int64 .Values.drain.disconnectRate) -}}
{{- $own := dict
  "listeners" (include "mqttd.listenerSettings" . | fromJsonArray)
  "maxConnections" (int64 .Values.connectionsPerPod)
  "shutdownSeconds" (include "mqttd.shutdownSeconds" . | int64)
  "drain" $drain
  "dataDir" (include "mqttd.hasDisk" . | eq "true" | ternary "/var/lib/mqttd" "off")
  "admin" (dict "host" .Values.listeners.bindAddress "port" (int64 .Values.admin.containerPort) "tokensFile" "/etc/mqttd/admin/tokens") -}}

{{- $authentication := $config.authentication | default list -}}
{{- if include "mqttd.hasFile" .Values.auth.users }}{{ $authentication = append $authentication (dict "type" "password-file" "file" "/etc/mqttd/auth/users") }}{{ end -}}
{{- if include "mqttd.hasFile" .Values.auth.scram }}{{ $authentication = append $authentication (dict "type" "scram" "file" "/etc/mqttd/auth/scram") }}{{ end -}}
{{- with $authentication }}{{ $_ := set $own "authentication" . }}{{ end -}}

{{- $authorization := $config.authorization | default list -}}
{{- if include "mqttd.hasFile" .Values.auth.acl }}{{ $authorization = append $authorization (dict "type" "acl-file" "file" "/etc/mqttd/auth/acl") }}{{ end -}}
{{- with $authorization }}{{ $_ := set $own "authorization" . }}{{ end -}}

{{- $idle := include "mqttd.idleSeconds" . | int64 -}}
{{- if $idle }}{{ $_ := set $own "mqtt" (dict "maxKeepAliveSeconds" (dig "mqtt" "maxKeepAliveSeconds" (div (mul $idle 3) 4) $config | int64)) }}{{ end -}}
{{- if .Values.plan }}{{ $_ := set $own "planFile" "/etc/mqttd/plan.json" }}{{ end -}}
{{- with include "mqttd.metricsSettings" . | fromJson }}{{ $_ := set $own "metrics" . }}{{ end -}}
{{- if include "mqttd.clustered" . }}{{ $_ := set $own "nats" (include "mqttd.natsSettings" . | fromJson) }}{{ end -}}
{{- /* Secrets that change in the cluster come into force without a restart. */}}
{{- if not (hasKey $config "reloadSeconds") }}{{ $_ := set $own "reloadSeconds" 30 }}{{ end -}}
{{- if not (dig "log" "format" "" $config) }}{{ $_ := set $own "log" (dict "format" "json") }}{{ end -}}
{{- mustMergeOverwrite $config $own | toYaml -}}
{{- end -}}

{{- define "mqttd.listenerSettings" -}}
{{- $transports := dict "mqtt" "tcp" "mqtts" "tls" "ws" "ws" "wss" "wss" "internal" "tcp" -}}
{{- $settings := list -}}
{{- range $name := include "mqttd.listenerNames" . | fromJsonArray -}}
{{- $values := get $.Values.listeners $name -}}
{{- $transport := get $transports $name -}}
{{- $one := dict "name" $name "transport" $transport "host" $.Values.listeners.bindAddress "port" (int64 $values.containerPort) "backlog" (int64 $.Values.listeners.backlog) "allowAnonymous" $.Values.auth.allowAnonymous -}}
{{- if and (include "mqttd.proxyProtocol" $) (ne $name "internal") }}{{ $_ := set $one "proxyProtocol" true }}{{ end -}}
{{- if has $transport (list "ws" "wss") -}}
{{- $_ := set $one "path" $values.path -}}
{{- with $values.allowedOrigins }}{{ $_ := set $one "allowedOrigins" . }}{{ end -}}
{{- end -}}
{{- if has $transport (list "tls" "wss") }}{{ $_ := set $one "tls" (include "mqttd.tlsSettings" $ | fromJson) }}{{ end -}}
{{- $settings = append $settings $one -}}
{{- end -}}
{{- $settings | toJson -}}
{{- end -}}

{{- define "mqttd.tlsSettings" -}}
{{- $tls := .Values.tls -}}
{{- $settings := dict "certFile" "/etc/mqttd/tls/tls.crt" "keyFile" "/etc/mqttd/tls/tls.key" "clientCertificate" $tls.clientCertificate "minVersion" $tls.minVersion -}}
{{- if ne $tls.clientCertificate "none" }}{{ $_ := set $settings "caFile" "/etc/mqttd/tls/client-ca.crt" }}{{ end -}}
{{- with $tls.ciphers }}{{ $_ := set $settings "ciphers" . }}{{ end -}}
{{- $settings | toJson -}}
{{- end -}}

{{- define "mqttd.natsSettings" -}}
{{- $nats := .Values.nats -}}
{{- $settings := dict "servers" (join "," $nats.servers) "cluster" ($nats.cluster | default (include "mqttd.fullname" . | trunc 32 | trimSuffix "-")) "replicas" (int64 $nats.replicas) "storage" $nats.storage "ownerShards" (int64 $nats.ownerShards) "deadAfterSeconds" (int64 $nats.deadAfterSeconds) "acknowledge" $nats.acknowledge -}}
{{- $file := get (dict "credentials" "credentialsFile" "password" "passwordFile" "token" "tokenFile" "nkey" "nkeySeedFile") $nats.credentials.kind -}}
{{- if $file }}{{ $_ := set $settings $file "/etc/mqttd/nats/user" }}{{ end -}}
{{- if $nats.tls.existingSecret -}}
{{- $tls := dict "caFile" "/etc/mqttd/nats/ca.crt" "handshakeFirst" $nats.tls.handshakeFirst -}}
{{- if $nats.tls.clientCertificate }}{{ $tls = merge $tls (dict "certFile" "/etc/mqttd/nats/tls.crt" "keyFile" "/etc/mqttd/nats/tls.key") }}{{ end -}}
{{- $_ := set $settings "tls" $tls -}}
{{- else if $nats.tls.handshakeFirst -}}
{{- $_ := set $settings "tls" (dict "handshakeFirst" true) -}}
{{- end -}}
{{- $settings | toJson -}}
{{- end -}}

{{- define "mqttd.metricsSettings" -}}
{{- $settings := dict -}}
{{- if .Values.metrics.emqxNames }}{{ $_ := set $settings "emqxNames" true }}{{ end -}}
{{- with .Values.metrics.pushgateway -}}
{{- if .url -}}
{{- $push := dict "url" .url "intervalSeconds" (int64 .intervalSeconds) "timeoutSeconds" (int64 .timeoutSeconds) "job" .job "grouping" .grouping "deleteOnStop" .deleteOnStop -}}
{{- if .existingSecret }}{{ $_ := set $push "passwordFile" "/etc/mqttd/pushgateway/user" }}{{ end -}}
{{- if .ca.existingSecret }}{{ $_ := set $push "caFile" "/etc/mqttd/pushgateway/ca.crt" }}{{ end -}}
{{- $_ := set $settings "push" $push -}}
{{- end -}}
{{- end -}}
{{- $settings | toJson -}}
{{- end -}}

{{/*
Everything below /etc/mqttd, in one volume: the settings and the plan from the ConfigMap, the rest from Secrets, which the settings name
by file.
*/}}
{{- define "mqttd.configSources" -}}
{{- $values := .Values -}}
- configMap:
    name: {{ include "mqttd.fullname" . }}
    items:
      - { key: mqttd.yaml, path: mqttd.yaml }
      {{- if $values.plan }}
      - { key: plan.json, path: plan.json }
      {{- end }}
- secret:
    name: {{ include "mqttd.adminSecretName" . }}
    items:
      - { key: {{ $values.admin.existingSecretKey }}, path: admin/tokens }
{{- range $name := list "users" "scram" "acl" }}
{{- $file := get $values.auth $name }}
{{- if include "mqttd.hasFile" $file }}
- secret:
    name: {{ $file.existingSecret | default (include "mqttd.authSecretName" $) }}
    items:
      - { key: {{ $file.existingSecretKey }}, path: auth/{{ $name }} }
{{- end }}
{{- end }}
{{- if include "mqttd.usesTls" . }}
- secret:
    name: {{ include "mqttd.tlsSecretName" . }}
    items:
      - { key: tls.crt, path: tls/tls.crt }
      - { key: tls.key, path: tls/tls.key }
{{- if ne $values.tls.clientCertificate "none" }}
- secret:
    name: {{ $values.tls.clientCa.existingSecret | default (include "mqttd.tlsSecretName" .) }}
    items:
      - { key: {{ $values.tls.clientCa.existingSecretKey }}, path: tls/client-ca.crt }
{{- end }}
{{- end }}
{{- with $values.metrics.pushgateway }}
{{- if .existingSecret }}
- secret:
    name: {{ .existingSecret }}
    items:
      - { key: {{ .existingSecretKey }}, path: pushgateway/user }
{{- end }}
{{- if .ca.existingSecret }}
- secret:
    name: {{ .ca.existingSecret }}
    items:
      - { key: {{ .ca.existingSecretKey }}, path: pushgateway/ca.crt }
{{- end }}
{{- end }}
{{- if include "mqttd.clustered" . }}
{{- if ne $values.nats.credentials.kind "none" }}
- secret:
    name: {{ $values.nats.credentials.existingSecret }}
    items:
      - { key: {{ $values.nats.credentials.existingSecretKey }}, path: nats/user }
{{- end }}
{{- with $values.nats.tls.existingSecret }}
- secret:
    name: {{ . }}
    items:
      - { key: ca.crt, path: nats/ca.crt }
      {{- if $values.nats.tls.clientCertificate }}
      - { key: tls.crt, path: nats/tls.crt }
      - { key: tls.key, path: nats/tls.key }
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}
