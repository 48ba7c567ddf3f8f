-- Grants a share of the rate. KEYS: pace. ARGV: id, asker, sends wanted, what open has to be (1; 2 for a dry run; 3 to tell vehicles to forget it), how many
-- of these catch up. Answers: outcome, sends, ms until it is worth asking again, how many of the sends may catch up.
--
-- A lease may be used for 500 ms, so sends of any window of w seconds come from grants of w + 0.5 seconds. Grants of a token bucket that
-- holds half a second's tokens are at most rate × (w + 0.5) + rate / 2 = rate × (w + 1): the promise (G4). A bucket must hold one whole
-- token to grant anything; at 1/s half a second's is less, so there grants are 1.5 s apart instead: two sends are then never within 1 s.
local pace = redis.call('HMGET', KEYS[1], 'id', 'open', 'notAfter', 'supervised', 'supervisedUntil', 'rate', 'tokens', 'refilledAt', 'catchUp', 'lateTokens')
if pace[1] ~= ARGV[1] or not tonumber(pace[3]) or not tonumber(pace[5]) or (pace[6] ~= '' and not tonumber(pace[6])) then
  return {'lost', 0, 0, 0}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
if pace[2] ~= ARGV[4] or now >= tonumber(pace[3]) or (pace[4] == '1' and now >= tonumber(pace[5])) then
  return {'closed', 0, 250, 0}
end
local late = math.min(tonumber(ARGV[5]), tonumber(ARGV[3]))
local me, wanted, rate = 'asker:' .. ARGV[2], tonumber(ARGV[3]), tonumber(pace[6])
if not rate then
  return {'granted', wanted, 0, late}
end

local capacity = math.max(1, rate / 2)
local refill = rate >= 2 and rate or rate / 1.5
local share = math.max(1, math.floor(rate / 4))
-- A clock that was set back refills nothing and goes on from there.
local elapsed = math.max(0, now - (tonumber(pace[8]) or 0)) / 1000
local tokens = tonumber(pace[7]) and math.min(capacity, pace[7] + elapsed * refill) or capacity

-- What catches up has a bucket of its own besides: at most its share × (w + 1) and one more in w seconds, for it grants whole tokens. What it does not
-- let through is not wanted, so nobody is kept waiting for it.
local lateRate = (tonumber(pace[9]) or 100) < 100 and rate * pace[9] / 100
local lateTokens, held = 0, 0
if lateRate then
  local most = math.max(1, lateRate / 2)
  lateTokens = tonumber(pace[10]) and math.min(most, pace[10] + elapsed * lateRate) or most
  local through = math.min(late, math.floor(lateTokens), math.max(1, math.floor(lateRate / 4)))
  held = late - through
  wanted = wanted - held
  late = through
end

-- Fairness: an asker: sends granted, sends still wanted, when it asked. One that has had more leaves to each that has had less, and asked
-- within half a second, what that one lacks; at most all but one token, so that nothing runs over unused.
local mine, most, others = nil, 0, {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 6) == 'asker:' then
    local got, lacks, at = string.match(fields[i + 1], '^(%d+),(%d+),(%d+)$')
    if not at or math.abs(now - tonumber(at)) > 500 then
      redis.call('HDEL', KEYS[1], fields[i])
    elseif fields[i] == me then
      mine = tonumber(got)
    else
      others[#others + 1] = {got = tonumber(got), lacks = tonumber(lacks)}
      most = math.max(most, tonumber(got))
    end
  end
end
-- A newcomer starts level with the rest, and what an idle one did not take it cannot claim later beyond one share.
mine = mine and math.max(mine, most - share) or most
local reserved = 0
for _, other in ipairs(others) do
  reserved = reserved + math.min(other.lacks, math.max(0, mine - other.got))
end
reserved = math.min(reserved, math.floor(capacity) - 1)

local sends = math.max(0, math.min(wanted, share, math.floor(tokens) - reserved))
tokens = tokens - sends
late = math.min(late, sends)
local lacks = wanted - sends
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'refilledAt', string.format('%.3f', now),
  me, string.format('%.0f,%.0f,%.0f', mine + sends, lacks, now))
if lateRate then
  redis.call('HSET', KEYS[1], 'lateTokens', string.format('%.6f', lateTokens - late))
end
local worth = math.max(1, math.min(lacks, rate / 10))
local wait = lacks > 0 and math.max(1, math.ceil((worth - tokens) * 1000 / refill)) or 0
if held > 0 then
  -- Soon, whatever it waits for: others may become ready meanwhile.
  local lateWait = math.max(1, math.min(250, math.ceil((1 - lateTokens + late) * 1000 / lateRate)))
  wait = wait > 0 and math.min(wait, lateWait) or lateWait
end
return {sends > 0 and 'granted' or 'exhausted', sends, wait, late}
