{{/* The pods of a job: its dictionary has job and root. */}}
{{- define "load-test.pod" -}}
{{- $root := .root -}}
{{- $job := .job -}}
metadata:
  labels:
    {{- include "load-test.labels" $root | nindent 4 }}
    scenario: {{ $job.name }}
  {{- with $root.Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ int64 $root.Values.podSecurityContext.runAsUser }}
    runAsGroup: {{ int64 $root.Values.podSecurityContext.runAsGroup }}
    seccompProfile:
      type: RuntimeDefault
    {{- with $root.Values.podSecurityContext.sysctls }}
    sysctls:
      {{- range . }}
      - name: {{ .name }}
        value: {{ .value | quote }}
      {{- end }}
    {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          app.kubernetes.io/instance: {{ $root.Release.Name }}
          scenario: {{ $job.name }}
  containers:
    - name: generator
      image: {{ include "load-test.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      command: [{{ $root.Values.runtime }}, /opt/mqttd/mqttd.mjs]
      args:
        {{- include "load-test.arguments" . | nindent 8 }}
      env:
        - name: SHARE_NUMBER
          valueFrom:
            fieldRef:
              fieldPath: metadata.annotations['batch.kubernetes.io/job-completion-index']
        {{- with $root.Values.credentials }}
        {{- if .existingSecret }}
        - name: MQTT_USERNAME
          valueFrom:
            secretKeyRef:
              name: {{ .existingSecret }}
              key: {{ .usernameKey }}
        - name: MQTT_PASSWORD
          valueFrom:
            secretKeyRef:
              name: {{ .existingSecret }}
              key: {{ .passwordKey }}
        {{- end }}
        {{- end }}
      resources:
        {{- toYaml $root.Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        capabilities:
          drop: [ALL]
        privileged: false
        readOnlyRootFilesystem: true
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if $root.Values.bundle.enabled }}
        - name: bundle
          mountPath: /opt/mqttd
          readOnly: true
        {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- if $root.Values.bundle.enabled }}
    - name: bundle
      configMap:
        name: {{ include "load-test.fullname" $root }}-bundle
    {{- end }}
{{- end -}}
