{{/* What the operator may do, by what it does it for. Each verb is one that it uses: a test runs it against an API server and compares. */}}

{{- define "push-platform.rules.leader-election" -}}
# A create cannot be limited to a name.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [push-operator-leader]
  verbs: [get, patch]
{{- end -}}

{{- define "push-platform.rules.campaigns" -}}
# patch: the finalizer. delete: spec.ttlSecondsAfterFinished.
- apiGroups: [pushplatform.io]
  resources: [pushcampaigns]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [pushplatform.io]
  resources: [pushcampaigns/status]
  verbs: [patch]
# create: as dry runs alone, to see whether the API server would let anybody write another's name into one.
- apiGroups: [pushplatform.io]
  resources: [pushcampaignapprovals]
  verbs: [list, watch, create]
- apiGroups: [pushplatform.io]
  resources: [pushcampaignapprovals/status]
  verbs: [patch]
# Lists of vids (spec.targets.vidsFrom).
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "push-platform.rules.pools" -}}
- apiGroups: [pushplatform.io]
  resources: [pushpools]
  verbs: [list, watch]
- apiGroups: [pushplatform.io]
  resources: [pushpools/status]
  verbs: [patch]
# Asked for by servers that let only those block an owner's deletion who might change its finalizers (OwnerReferencesPermissionEnforcement).
- apiGroups: [pushplatform.io]
  resources: [pushpools/finalizers]
  verbs: [update]
# What a pool is made of. Deleting is left to the garbage collection.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, patch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [create, patch]
# Which are drained before the pool has fewer: a label and an annotation at each.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, patch]
{{- end -}}

{{- define "push-platform.rules.inquiries" -}}
# Whose token is it, and may they see it?
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
{{- end -}}

{{- define "push-platform.rules.pool-secrets" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end -}}
