-- How a PushCampaign is, in Argo CD's words. Healthy is what needs nobody: told, or waiting for its hour.
local conditions = {}
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  conditions[condition.type] = condition
end

local function is(type, value)
  return conditions[type] ~= nil and conditions[type].status == value
end

local function health(status, message)
  return {status = status, message = message or ""}
end

if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  -- What it says is about an older spec; only why the operator cannot look at the newer one is news.
  return health("Progressing", is("Ready", "False") and conditions.Ready.message or "Waiting for the operator")
end
if is("Stalled", "True") then
  return health("Degraded", conditions.Stalled.message)
end
if is("Complete", "True") then
  -- Aborted, expired and partly successful ends want a person to look, whoever meant them.
  return health(is("Succeeded", "True") and "Healthy" or "Degraded", conditions.Complete.message)
end
if is("Suspended", "True") or is("Paused", "True") then
  return health("Suspended", obj.status.message)
end
if is("Ready", "False") then
  return health("Progressing", conditions.Ready.message)
end
if obj.status.phase == "Scheduled" then
  return health("Healthy", obj.status.message)
end
return health("Progressing", obj.status.message)
