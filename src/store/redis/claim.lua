-- Gives the most urgent, then oldest, case that nobody has to a mediator.
-- KEYS: 1 answer to this very request, 2 and on: the queues, most urgent first
-- ARGV: 1 mediator, 2 lease in ms, 3 what the key of a case begins with
-- Gives {record, token}, or nothing when no case waits.

-- The connection broke after an earlier attempt: the case it took is still this mediator's.
local answered = redis.call('HMGET', KEYS[1], 'reference', 'token')
if answered[1] then return {redis.call('HGET', ARGV[3] .. answered[1], 'record'), tonumber(answered[2])} end

local mediator, lease_ms = ARGV[1], ARGV[2]

-- The oldest entry whose mediator has given no sign of life for the length of a lease.
local function abandoned(queue)
  while true do
    local found = redis.pcall('XPENDING', queue, GROUP, 'IDLE', lease_ms, '-', '+', 1)
    if found.err then
      local failed = make_group(queue)
      if failed then return failed end
      return nil
    end
    if not found[1] then return nil end
    local id = found[1][1]
    local entry = redis.call('XCLAIM', queue, GROUP, mediator, lease_ms, id)[1]
    if entry then return entry end
    -- Somebody deleted the entry without acknowledging it. Redis before 7 keeps such ones pending for ever.
    redis.call('XACK', queue, GROUP, id)
  end
end

local function fresh(queue)
  local read = redis.call('XREADGROUP', 'GROUP', GROUP, mediator, 'COUNT', 1, 'STREAMS', queue, '>')
  return read and read[1][2][1] or nil
end

for at = 2, #KEYS do
  local queue = KEYS[at]
  while true do
    local entry = abandoned(queue)
    if entry and entry.err then return entry end
    entry = entry or fresh(queue)
    if not entry then break end
    local fields = by_name(entry[2])
    local case = ARGV[3] .. (fields.reference or '')
    local stored = redis.call('HMGET', case, 'record', 'entry', 'completed')
    if stored[2] == entry[1] and stored[3] == '1' then
      redis.call('XACK', queue, GROUP, entry[1])
      redis.call('XDEL', queue, entry[1])
    elseif stored[2] == entry[1] then
      local token = redis.call('HINCRBY', case, 'claims', 1)
      redis.call('HDEL', case, 'released')
      redis.call('HSET', KEYS[1], 'reference', fields.reference, 'token', token)
      redis.call('EXPIRE', KEYS[1], 60)
      return {stored[1], token}
    end
    -- Any other entry was written by no gateway. It stays with this mediator for a lease and does not stop the ones behind.
  end
end
return false
