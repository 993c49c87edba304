{{/* A quantity of memory in MiB, rounded down; 0 without one. */}}
{{- define "mqttd.mebibytes" -}}
{{- $text := . | toString -}}
{{- $units := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- $unit := regexFind "[A-Za-z]*$" $text -}}
{{- if or (not .) (not (hasKey $units $unit)) -}}
0
{{- else -}}
{{- divf (mulf ($text | trimSuffix $unit | float64) (get $units $unit)) 1048576.0 | floor | int64 -}}
{{- end -}}
{{- end -}}
