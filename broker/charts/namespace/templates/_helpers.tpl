{{/* Labels of every object. */}}
{{- define "namespace.labels" -}}
{{- $labels := dict "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version) "app.kubernetes.io/name" .Chart.Name "app.kubernetes.io/instance" .Release.Name "app.kubernetes.io/version" .Chart.AppVersion "app.kubernetes.io/managed-by" .Release.Service -}}
{{- mustMerge (dict) .Values.labels $labels | toYaml -}}
{{- end -}}

{{/* Unsafe sysctls among those that pods set: all but what Kubernetes calls safe, which grows with its versions (kubernetes.io, "Using sysctls in a cluster"). */}}
{{- define "namespace.unsafeSysctls" -}}
{{- $safe := list "kernel.shm_rmid_forced" "net.ipv4.ip_local_port_range" "net.ipv4.tcp_syncookies" "net.ipv4.ping_group_range" -}}
{{- $since := dict
  "net.ipv4.ip_unprivileged_port_start" "1.22"
  "net.ipv4.ip_local_reserved_ports" "1.27"
  "net.ipv4.tcp_keepalive_time" "1.29"
  "net.ipv4.tcp_fin_timeout" "1.29"
  "net.ipv4.tcp_keepalive_intvl" "1.29"
  "net.ipv4.tcp_keepalive_probes" "1.29"
  "net.ipv4.tcp_rmem" "1.32"
  "net.ipv4.tcp_wmem" "1.32"
  "net.ipv4.tcp_slow_start_after_idle" "1.37"
  "net.ipv4.tcp_notsent_lowat" "1.37" -}}
{{- $unsafe := list -}}
{{- range .Values.sysctls -}}
{{- $name := .name -}}
{{- $from := get $since $name -}}
{{- if not (or (has $name $safe) (and $from (semverCompare (printf ">=%s-0" $from) $.Capabilities.KubeVersion.Version))) -}}
{{- $unsafe = append $unsafe $name -}}
{{- end -}}
{{- end -}}
{{- $unsafe | uniq | toJson -}}
{{- end -}}
