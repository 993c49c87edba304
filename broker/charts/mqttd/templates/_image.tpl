{{/*
Stock images of the runtimes, in versions that the broker's tests run on. No host: it is the container runtime's default, or that of
image.registry.
*/}}
{{- define "mqttd.stockImages" -}}
bun: { repository: oven/bun, tag: "1.4.5" }
node: { repository: node, tag: "24.21.0-bookworm-slim" }
{{- end -}}

{{/* The image as the kubelet takes it: [registry/]repository[:tag][@digest]. */}}
{{- define "mqttd.image" -}}
{{- $image := .Values.image -}}
{{- $stock := get (include "mqttd.stockImages" . | fromYaml) .Values.runtime -}}
{{- $registry := .Values.global.imageRegistry | default $image.registry -}}
{{- $tag := $image.repository | empty | ternary ($image.tag | default $stock.tag) $image.tag -}}
{{- with $registry }}{{ . }}/{{ end -}}
{{ $image.repository | default $stock.repository }}
{{- with $tag }}:{{ . }}{{ end -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "mqttd.pullSecrets" -}}
{{- $names := list -}}
{{- range concat .Values.global.imagePullSecrets .Values.image.pullSecrets -}}
{{- $names = append $names (dict "name" .) -}}
{{- end -}}
{{- with $names | uniq -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* The broker's program in the pod, whether it comes from the ConfigMap or with the image. */}}
{{- define "mqttd.command" -}}
{{- list .Values.runtime "/opt/mqttd/mqttd.mjs" | toJson -}}
{{- end -}}

{{/* The compressed bundle in files/, which `npm run build` makes: brotli, or gzip. */}}
{{- define "mqttd.bundleFile" -}}
{{- range list "mqttd.js.br" "mqttd.js.gz" -}}
{{- if $.Files.Get (printf "files/%s" .) }}{{ . }}{{ end -}}
{{- end -}}
{{- end -}}
