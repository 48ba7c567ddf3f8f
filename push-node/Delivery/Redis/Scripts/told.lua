-- Who was told of something else not long ago. KEYS: prefix of the buckets (vehicle -> ms|what). ARGV: number of buckets, what it is now, ms for which whoever was
-- told of something else is left alone, note (1: whoever is not is being told now; 0: it is only asked), ms to keep, then per vehicle: vid, hash.
-- Answers per vehicle: ms for which it is to be left alone.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local what, alone, keep = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
local ROOM, EACH = 128, 64

-- What cannot be read is nothing. A clock that was set back makes nobody wait for longer than asked.
local function leftAlone(text)
  local at, told = string.match(text or '', '^(%d+)|(.*)$')
  if not at or #at > 16 or told == what then
    return 0
  end
  return math.max(0, math.min(alone, tonumber(at) + alone - now))
end

-- A bucket that nobody writes to goes by itself; from one that is full of the past, that goes. Looked through for every so many that are added: the present stays in it.
local function note(bucket, vid)
  local added = redis.call('HSET', bucket, vid, string.format('%.0f|%s', now, what))
  redis.call('PEXPIRE', bucket, ARGV[5])
  local length = added == 1 and redis.call('HLEN', bucket) or 0
  if length > ROOM and length % EACH == 0 then
    local entries = redis.call('HGETALL', bucket)
    for e = 1, #entries, 2 do
      local at = tonumber(string.match(entries[e + 1], '^(%d+)|'))
      if not at or at + keep < now then
        redis.call('HDEL', bucket, entries[e])
      end
    end
  end
end

local reply = {}
for i = 6, #ARGV, 2 do
  local bucket = KEYS[1] .. (tonumber(ARGV[i + 1]) % tonumber(ARGV[1]))
  local wait = leftAlone(redis.call('HGET', bucket, ARGV[i]))
  if wait == 0 and ARGV[4] == '1' then
    note(bucket, ARGV[i])
  end
  reply[#reply + 1] = wait
end
return reply
