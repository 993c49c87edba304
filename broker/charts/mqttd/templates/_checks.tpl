{{/*
What values.schema.json cannot say, since it takes two values to be wrong. Everything is said at once, each with the remedy.
*/}}
{{- define "mqttd.check" -}}
{{- $problems := list -}}
{{- range list "mqttd.problemsOfImage" "mqttd.problemsOfScale" "mqttd.problemsOfAccess" "mqttd.problemsOfTls" "mqttd.problemsOfNats" "mqttd.problemsOfService" "mqttd.problemsOfMetrics" "mqttd.problemsOfDrain" "mqttd.problemsOfSysctls" -}}
{{- $problems = concat $problems (include . $ | fromJsonArray) -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "the values do not go together:\n  - %s" (join "\n  - " $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "mqttd.problemsOfImage" -}}
{{- $p := list -}}
{{- $image := .Values.image -}}
{{- if and $image.repository (not $image.tag) (not $image.digest) -}}
{{- $p = append $p (printf "image.repository is %s without a version: give image.tag or image.digest" $image.repository) -}}
{{- end -}}
{{- if eq $image.tag "latest" -}}
{{- $p = append $p "image.tag is latest, which is another image every day: give an exact version" -}}
{{- end -}}
{{- if not .Values.bundle.enabled -}}
{{- if not $image.repository }}{{ $p = append $p "bundle.enabled is false, but a stock image holds no broker: give image.repository (broker/Dockerfile), or leave bundle.enabled" }}{{ end -}}
{{- else if not (and (include "mqttd.bundleFile" .) (.Files.Get "files/mqttd.mjs")) -}}
{{- $p = append $p "the chart's folder files/ holds no broker: run `npm run build` first, or give image.repository and set bundle.enabled to false" -}}
{{- end -}}
{{- if and (eq .Values.runtime "bun") .Values.heapMegabytes -}}
{{- $p = append $p "heapMegabytes is Node.js's: leave it out, or set runtime to node" -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfScale" -}}
{{- $p := list -}}
{{- $scaling := .Values.autoscaling -}}
{{- if not .Values.nats.servers -}}
{{- if and (not $scaling.enabled) (gt (int64 .Values.replicaCount) 1) -}}
{{- $p = append $p (printf "replicaCount is %d, but without nats.servers brokers know nothing of each other, and a client would miss what others publish: give nats.servers, or set replicaCount to 1" (int64 .Values.replicaCount)) -}}
{{- end -}}
{{- if $scaling.enabled }}{{ $p = append $p "autoscaling.enabled needs brokers that know of each other: give nats.servers" }}{{ end -}}
{{- end -}}
{{- if and $scaling.enabled (gt (int64 $scaling.minReplicas) (int64 $scaling.maxReplicas)) -}}
{{- $p = append $p (printf "autoscaling.minReplicas is %d, more than autoscaling.maxReplicas (%d): lower the one or raise the other" (int64 $scaling.minReplicas) (int64 $scaling.maxReplicas)) -}}
{{- end -}}
{{- if and $scaling.enabled $scaling.targetConnections -}}
{{- if gt (int64 $scaling.targetConnections) (int64 .Values.connectionsPerPod) -}}
{{- $p = append $p (printf "autoscaling.targetConnections is %d, more than a broker takes (connectionsPerPod %d), so that it would never be reached: lower it" (int64 $scaling.targetConnections) (int64 .Values.connectionsPerPod)) -}}
{{- end -}}
{{- end -}}
{{- if not (or (kindIs "invalid" .Values.pdb.minAvailable) (kindIs "invalid" .Values.pdb.maxUnavailable)) -}}
{{- $p = append $p "pdb.minAvailable and pdb.maxUnavailable are both given, and a PodDisruptionBudget takes one: leave one out" -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfAccess" -}}
{{- $p := list -}}
{{- $auth := .Values.auth -}}
{{- $known := or $auth.allowAnonymous (include "mqttd.hasFile" $auth.users) (include "mqttd.hasFile" $auth.scram) .Values.config.authentication -}}
{{- if not $known -}}
{{- $p = append $p "nobody could connect: give auth.users, auth.scram or config.authentication, or set auth.allowAnonymous to true if everyone may" -}}
{{- end -}}
{{- range $name := list "users" "scram" "acl" -}}
{{- $file := get $auth $name -}}
{{- if and $file.existingSecret $file.content -}}
{{- $p = append $p (printf "auth.%s has an existingSecret and a content: leave one out" $name) -}}
{{- end -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfTls" -}}
{{- $p := list -}}
{{- $tls := .Values.tls -}}
{{- $given := or $tls.existingSecret $tls.certManager.enabled -}}
{{- if and (include "mqttd.usesTls" .) (not $given) -}}
{{- $p = append $p "listeners.mqtts or listeners.wss is on without a certificate: give tls.existingSecret, or set tls.certManager.enabled" -}}
{{- end -}}
{{- if and $given (not (include "mqttd.usesTls" .)) -}}
{{- $p = append $p "tls is given, but nothing listens with it: set listeners.mqtts.enabled or listeners.wss.enabled, or leave tls out" -}}
{{- end -}}
{{- if and $tls.existingSecret $tls.certManager.enabled -}}
{{- $p = append $p "tls.existingSecret and tls.certManager.enabled are both given: leave one out" -}}
{{- end -}}
{{- if and $tls.certManager.enabled (not $tls.certManager.issuerRef.name) -}}
{{- $p = append $p "tls.certManager.issuerRef.name is empty: give the name of an issuer" -}}
{{- end -}}
{{- if and $tls.clientCa.existingSecret (eq $tls.clientCertificate "none") -}}
{{- $p = append $p "tls.clientCa is given, but no client is asked for a certificate: set tls.clientCertificate to request or require, or leave it out" -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfNats" -}}
{{- $p := list -}}
{{- $nats := .Values.nats -}}
{{- $user := $nats.credentials -}}
{{- if and (ne $user.kind "none") (not $user.existingSecret) -}}
{{- $p = append $p (printf "nats.credentials.kind is %s, but there is no Secret with it: give nats.credentials.existingSecret" $user.kind) -}}
{{- end -}}
{{- if and $user.existingSecret (eq $user.kind "none") -}}
{{- $p = append $p "nats.credentials.existingSecret is given without saying what it holds: set nats.credentials.kind to credentials, password, token or nkey" -}}
{{- end -}}
{{- if not $nats.servers -}}
{{- if or $user.existingSecret $nats.tls.existingSecret }}{{ $p = append $p "nats.credentials or nats.tls is given without nats.servers: give them, or leave it out" }}{{ end -}}
{{- end -}}
{{- if $nats.tls.existingSecret -}}
{{- range $nats.servers -}}
{{- if not (hasPrefix "tls://" .) }}{{ $p = append $p (printf "nats.tls is given, but the server %s is not encrypted: begin it with tls://, or leave nats.tls out" .) }}{{ end -}}
{{- end -}}
{{- else if $nats.tls.clientCertificate -}}
{{- $p = append $p "nats.tls.clientCertificate is true, but there is no Secret with one: give nats.tls.existingSecret" -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfService" -}}
{{- $p := list -}}
{{- $service := .Values.service -}}
{{- $names := include "mqttd.listenerNames" . | fromJsonArray -}}
{{- if not (without $names "internal") -}}
{{- $p = append $p "no listener is on: set listeners.mqtt.enabled, listeners.mqtts.enabled, listeners.ws.enabled or listeners.wss.enabled" -}}
{{- end -}}
{{- $taken := dict (.Values.admin.containerPort | int64 | toString) "admin" -}}
{{- range $names -}}
{{- $port := (get $.Values.listeners .).containerPort | int64 | toString -}}
{{- with get $taken $port }}{{ $p = append $p (printf "port %s in the pod is taken twice: change the containerPort of one of them" $port) }}{{ end -}}
{{- $_ := set $taken $port . -}}
{{- end -}}
{{- if $service.aws.tlsTermination.enabled -}}
{{- if not (include "mqttd.tlsTermination" .) -}}
{{- $p = append $p "service.aws.tlsTermination needs a Network Load Balancer: set cloud to aws and service.type to LoadBalancer, or leave it out" -}}
{{- end -}}
{{- if not $service.aws.tlsTermination.certificateArn }}{{ $p = append $p "service.aws.tlsTermination.certificateArn is empty: give the certificate's ARN" }}{{ end -}}
{{- if include "mqttd.usesTls" . -}}
{{- $p = append $p "service.aws.tlsTermination ends TLS at the load balancer, so that listeners.mqtts and listeners.wss would never see it: switch these off, and listeners.mqtt or listeners.ws on" -}}
{{- end -}}
{{- end -}}
{{- if and (eq $service.type "LoadBalancer") (eq .Values.cloud "azure") -}}
{{- $idle := int64 $service.idleTimeoutSeconds -}}
{{- if or (lt $idle 240) (gt $idle 1800) (mod $idle 60) -}}
{{- $p = append $p (printf "service.idleTimeoutSeconds is %d, and Azure takes whole minutes from 240 to 1800: change it" $idle) -}}
{{- end -}}
{{- end -}}
{{- $idle := include "mqttd.idleSeconds" . | int64 -}}
{{- $keepAlive := dig "mqtt" "maxKeepAliveSeconds" 0 .Values.config | int64 -}}
{{- if and $idle (ge $keepAlive $idle) -}}
{{- $p = append $p (printf "config.mqtt.maxKeepAliveSeconds is %d, and the load balancer drops what is silent for %d seconds: lower it, or raise service.idleTimeoutSeconds where that can be" $keepAlive $idle) -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfMetrics" -}}
{{- $p := list -}}
{{- $gateway := .Values.metrics.pushgateway -}}
{{- if and (not $gateway.url) (or $gateway.existingSecret $gateway.ca.existingSecret) -}}
{{- $p = append $p "metrics.pushgateway has a Secret, but no url, so that nothing is sent: give metrics.pushgateway.url, or leave it out" -}}
{{- end -}}
{{- $monitor := .Values.metrics.serviceMonitor -}}
{{- if and $monitor.enabled $monitor.namespace (ne $monitor.namespace .Release.Namespace) (not .Values.admin.existingSecret) -}}
{{- $p = append $p (printf "metrics.serviceMonitor.namespace is %s, and the Secret with the token of /metrics is made in %s, where it would not be found: leave metrics.serviceMonitor.namespace out, or put the token into a Secret of both namespaces and give admin.existingSecret" $monitor.namespace .Release.Namespace) -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfDrain" -}}
{{- $p := list -}}
{{- if gt (include "mqttd.shutdownSeconds" . | int64) 3600 -}}
{{- $p = append $p (printf "at drain.disconnectRate %d it takes %s seconds to tell %d clients, more than an hour: raise it, or lower connectionsPerPod" (int64 .Values.drain.disconnectRate) (include "mqttd.shutdownSeconds" .) (int64 .Values.connectionsPerPod)) -}}
{{- end -}}
{{- $needed := include "mqttd.gracePeriodSeconds" . | int64 -}}
{{- with .Values.terminationGracePeriodSeconds -}}
{{- if lt (int64 .) $needed -}}
{{- $p = append $p (printf "terminationGracePeriodSeconds is %d, and the drain takes up to %d seconds: raise it, raise drain.disconnectRate, or leave it out" (int64 .) $needed) -}}
{{- end -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}

{{- define "mqttd.problemsOfSysctls" -}}
{{- $p := list -}}
{{- $values := dict -}}
{{- $global := list "net.core.rmem_max" "net.core.rmem_default" "net.core.wmem_max" "net.core.wmem_default" "net.core.netdev_max_backlog" "net.ipv4.tcp_mem" "net.ipv4.tcp_max_orphans" "net.netfilter.nf_conntrack_max" -}}
{{- range .Values.podSecurityContext.sysctls -}}
{{- $name := .name -}}
{{- if has $name $global -}}
{{- $p = append $p (printf "podSecurityContext.sysctls: %s is the whole node's, and a pod that asks for it never starts: set it on the node pool" $name) -}}
{{- end -}}
{{- if and $.Values.hostNetwork (hasPrefix "net." $name) -}}
{{- $p = append $p (printf "podSecurityContext.sysctls: %s cannot be set with hostNetwork: set it on the node pool" $name) -}}
{{- end -}}
{{- if hasKey $values $name }}{{ $p = append $p (printf "podSecurityContext.sysctls: %s is there twice: leave one out" $name) }}{{ end -}}
{{- $_ := set $values $name .value -}}
{{- end -}}
{{- $somaxconn := get $values "net.core.somaxconn" -}}
{{- if and $somaxconn (lt (int64 $somaxconn) (int64 .Values.listeners.backlog)) -}}
{{- $p = append $p (printf "listeners.backlog is %d, and net.core.somaxconn of the pods cuts it to %s: raise that, or lower listeners.backlog" (int64 .Values.listeners.backlog) $somaxconn) -}}
{{- end -}}
{{- if .Values.plan -}}
{{- if ne (dig "hostNetwork" false .Values.plan) .Values.hostNetwork -}}
{{- $p = append $p (printf "hostNetwork is %t, and the plan was made for %t: make them the same" .Values.hostNetwork (dig "hostNetwork" false .Values.plan)) -}}
{{- end -}}
{{- range dig "keys" list .Values.plan -}}
{{- if and (has "pod" (.setBy | default list)) .expected (ne (get $values .key) .expected) -}}
{{- $p = append $p (printf "the plan has the pod set %s to %q, and podSecurityContext.sysctls has %q: add it there, or take the pool's own" .key .expected (get $values .key)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $p | toJson -}}
{{- end -}}
