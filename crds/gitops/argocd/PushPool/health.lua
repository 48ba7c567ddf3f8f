-- How a PushPool is, in Argo CD's words. A dependency that is away comes back by itself: that is Progressing, not Degraded.
local conditions = {}
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  conditions[condition.type] = condition
end

local function is(type, value)
  return conditions[type] ~= nil and conditions[type].status == value
end

if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "Waiting for the operator"}
end
if is("Stalled", "True") then
  return {status = "Degraded", message = conditions.Stalled.message}
end
if is("Ready", "True") then
  return {status = "Healthy", message = conditions.Ready.message}
end
return {status = "Progressing", message = conditions.Ready ~= nil and conditions.Ready.message or "Waiting for the operator"}
