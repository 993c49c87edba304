{{/* Security context of every pod of the chart. */}}
{{- define "mqttd.podSecurityContext" -}}
{{- $context := .Values.podSecurityContext -}}
runAsNonRoot: true
runAsUser: {{ int64 $context.runAsUser }}
runAsGroup: {{ int64 $context.runAsGroup }}
fsGroup: {{ int64 $context.fsGroup }}
fsGroupChangePolicy: {{ $context.fsGroupChangePolicy }}
{{- with $context.supplementalGroups }}
supplementalGroups:
  {{- toYaml . | nindent 2 }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- with $context.sysctls }}
sysctls:
  {{- range . }}
  - name: {{ .name }}
    value: {{ .value | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Security context of every container of the chart. */}}
{{- define "mqttd.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Where pods of the chart may run. */}}
{{- define "mqttd.placement" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.schedulerName }}
schedulerName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
dnsPolicy: {{ .Values.dnsPolicy | default (.Values.hostNetwork | ternary "ClusterFirstWithHostNet" "ClusterFirst") }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* How brokers spread over zones and nodes. */}}
{{- define "mqttd.topologySpreadConstraints" -}}
{{- if .Values.topologySpreadConstraints -}}
{{- toYaml .Values.topologySpreadConstraints -}}
{{- else -}}
{{- range list (list "zones" "topology.kubernetes.io/zone") (list "hosts" "kubernetes.io/hostname") -}}
{{- $spread := get $.Values.topologySpread (first .) -}}
{{- if $spread.enabled }}
- maxSkew: {{ int64 $spread.maxSkew }}
  topologyKey: {{ last . }}
  whenUnsatisfiable: {{ $spread.whenUnsatisfiable }}
  labelSelector:
    matchLabels:
      {{- include "mqttd.selectorLabels" $ | nindent 6 }}
  {{- if semverCompare ">=1.26-0" $.Capabilities.KubeVersion.Version }}
  # Nodes that the pods do not tolerate do not count as empty ones.
  nodeTaintsPolicy: Honor
  {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Environment of the runtime: how much memory its heap may take. */}}
{{- define "mqttd.heapEnvironment" -}}
{{- $limit := include "mqttd.mebibytes" ((.Values.resources).limits).memory | int64 -}}
{{- if eq .Values.runtime "node" }}
{{- /*
By itself V8 takes half of the limit, up to 2 GiB. 128 MiB are for code, stacks and the runtime's own (with a heap nearly full, Node 20 took
45 MiB beside it, Node 24 20 to 35); of the rest a quarter is for sockets: 1.6 KB of the 4.4 to 5.5 KB that an idle connection took of a
container's memory were the kernel's.
*/}}
{{- $heap := .Values.heapMegabytes | default (ternary (max 64 (div (mul (sub $limit 128) 3) 4)) 0 (gt $limit 0)) }}
{{- if $heap }}
- name: NODE_OPTIONS
  value: --max-old-space-size={{ int64 $heap }}
{{- end }}
{{- else if $limit }}
{{- /*
JavaScriptCore has no bound for its heap; it collects by how much memory it takes the machine to have. Bun 1.4.5 takes that from a cgroup's
limit (v1: with 1.2 GiB of live objects 1.3 to 1.5 GiB at most below a limit of 1.7 GB, 2.2 GiB without one on a machine of 24 GiB, and the
same with this variable instead of the limit). Said here, it does not depend on what Bun finds out.
*/}}
- name: BUN_JSC_forceRAMSize
  value: {{ mul $limit 1048576 | quote }}
{{- end }}
{{- end -}}

{{/* Environment of the broker, and of the doctor, which looks at it with the broker's eyes. */}}
{{- define "mqttd.environment" -}}
{{- $own := include "mqttd.heapEnvironment" . | fromYamlArray -}}
{{- /* broker/Dockerfile names a folder by this variable, which would win over the settings. */ -}}
{{- if not (or .Values.bundle.enabled (include "mqttd.hasDisk" .)) }}{{ $own = append $own (dict "name" "MQTTD_DATA_DIR" "value" "off") }}{{ end -}}
{{- with concat $own .Values.extraEnv -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{/* The broker's program, its settings and the folder for what is only there while it runs. */}}
{{- define "mqttd.volumeMounts" -}}
- name: config
  mountPath: /etc/mqttd
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- if .Values.bundle.enabled }}
- name: bundle
  mountPath: /opt/mqttd
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "mqttd.volumes" -}}
- name: config
  projected:
    defaultMode: 0440
    sources:
      {{- include "mqttd.configSources" . | nindent 6 }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.temporaryDirectorySize }}
{{- if .Values.bundle.enabled }}
- name: bundle
  configMap:
    name: {{ include "mqttd.fullname" . }}-bundle
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
The doctor as a container: list of the root, the memory and CPU that it has, and checks to leave out. What a container may take is
judged from inside, so that it has to be the broker's where it is judged.
*/}}
{{- define "mqttd.doctorContainer" -}}
{{- $root := index . 0 -}}
{{- $doctor := $root.Values.doctor -}}
{{- $args := list "doctor" "--config" "/etc/mqttd/mqttd.yaml" -}}
{{- if $root.Values.plan }}{{ $args = concat $args (list "--plan" "/etc/mqttd/plan.json") }}{{ end -}}
{{- with $doctor.require }}{{ $args = concat $args (list "--require" (join "," .)) }}{{ end -}}
{{- with concat (index . 2) $doctor.skip }}{{ $args = concat $args (list "--skip" (join "," .)) }}{{ end -}}
{{- if not $doctor.failClosed }}{{ $args = append $args "--advisory" }}{{ end -}}
- name: doctor
  image: {{ include "mqttd.image" $root }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  command: {{ include "mqttd.command" $root }}
  args: {{ $args | toJson }}
  {{- with include "mqttd.environment" $root }}
  env:
    {{- . | nindent 4 }}
  {{- end }}
  resources:
    {{- toYaml (index . 1) | nindent 4 }}
  securityContext:
    {{- include "mqttd.containerSecurityContext" $root | nindent 4 }}
  volumeMounts:
    {{- include "mqttd.volumeMounts" $root | nindent 4 }}
{{- end -}}

{{- define "mqttd.probe" -}}
httpGet:
  path: {{ index . 1 }}
  port: admin
{{- range $field, $value := omit (index . 0) "enabled" }}
{{ $field }}: {{ int64 $value }}
{{- end }}
{{- end -}}

{{/* Hooks of the container. The kubelet can wait by itself from Kubernetes 1.30 on; before, the runtime does it, as an image may have no shell. */}}
{{- define "mqttd.lifecycle" -}}
{{- if .Values.lifecycleHooks -}}
{{- toYaml .Values.lifecycleHooks -}}
{{- else if .Values.drain.preStopSeconds -}}
preStop:
  {{- if semverCompare ">=1.30-0" .Capabilities.KubeVersion.Version }}
  sleep:
    seconds: {{ int64 .Values.drain.preStopSeconds }}
  {{- else }}
  exec:
    command: [{{ .Values.runtime }}, -e, "setTimeout(() => {}, {{ mul .Values.drain.preStopSeconds 1000 }})"]
  {{- end }}
{{- end -}}
{{- end -}}
