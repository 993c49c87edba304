{{/*
How long an orderly end takes, in seconds:

  drain.preStopSeconds    the broker serves on, while proxies in the cluster forget the pod
  + drain.delaySeconds    it is no longer ready and goes on, while load balancers notice
  + shutdownSeconds       it tells drain.disconnectRate of connectionsPerPod clients a second to go
  + drain.marginSeconds   it stores what is left and closes

The kubelet kills what is still there after terminationGracePeriodSeconds, so that is their sum.
*/}}
{{- define "mqttd.gracePeriodSeconds" -}}
{{- $drain := .Values.drain -}}
{{- add $drain.preStopSeconds $drain.delaySeconds (include "mqttd.shutdownSeconds" .) $drain.marginSeconds -}}
{{- end -}}

{{/*
The broker's shutdownSeconds: a tenth more than connectionsPerPod / drain.disconnectRate, rounded up, so that the rate holds with some
clients that read slowly; never less than 5. The broker would hurry if it were too short. In whole numbers, as the library reckons it.
*/}}
{{- define "mqttd.shutdownSeconds" -}}
{{- $tenths := mul 10 .Values.drain.disconnectRate -}}
{{- max 5 (div (add (mul 11 .Values.connectionsPerPod) $tenths -1) $tenths) -}}
{{- end -}}
