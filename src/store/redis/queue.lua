-- Every other script begins with this one.
-- KEYS: none. ARGV: none.
--
-- A case lies in the stream of its severity under an id of `<hour in ms>-<number>`. Where it stands is read from the
-- stream itself, so that a program which takes and acknowledges cases by plain stream commands is seen as well.

local GROUP = 'mediators'

local function is_after(left, right)
  local left_ms, left_number = left:match('^(%d+)-(%d+)$')
  local right_ms, right_number = right:match('^(%d+)-(%d+)$')
  left_ms, right_ms = tonumber(left_ms), tonumber(right_ms)
  if left_ms ~= right_ms then return left_ms > right_ms end
  return tonumber(left_number) > tonumber(right_number)
end

-- Reads a flat list of names and values.
local function by_name(flat)
  local named = {}
  for at = 1, #flat, 2 do named[flat[at]] = flat[at + 1] end
  return named
end

local function make_group(queue)
  local made = redis.pcall('XGROUP', 'CREATE', queue, GROUP, '0', 'MKSTREAM')
  if made.err and not made.err:find('BUSYGROUP', 1, true) then return redis.error_reply(made.err) end
  return nil
end

-- Appends a case to its queue and gives the entry's id, or an error.
local function enqueue(queue, reference, record, hour_ms, number)
  if redis.call('EXISTS', queue) == 0 then
    local failed = make_group(queue)
    if failed then return failed end
  end
  -- Stream ids must grow, also when an older report comes late: then it takes the newest hour.
  local newest_ms, newest_number = by_name(redis.call('XINFO', 'STREAM', queue))['last-generated-id']:match('^(%d+)-(%d+)$')
  if tonumber(newest_ms) >= hour_ms then
    hour_ms = tonumber(newest_ms)
    number = math.max(number, tonumber(newest_number) + 1)
  end
  local entry = string.format('%.0f-%.0f', hour_ms, number)
  redis.call('XADD', queue, entry, 'reference', reference, 'case', record)
  return entry
end

-- The id up to which cases were handed out; everything after it waits.
local function last_delivered(queue)
  local groups = redis.pcall('XINFO', 'GROUPS', queue)
  if groups.err then return '0-0' end
  for _, group in ipairs(groups) do
    local named = by_name(group)
    if named.name == GROUP then return named['last-delivered-id'] end
  end
  return '0-0'
end

-- Who has the entry and for how many ms without a sign of life; nil when nobody has.
local function pending(queue, id)
  local found = redis.pcall('XPENDING', queue, GROUP, id, id, 1)
  if found.err or not found[1] then return nil end
  return found[1][2], tonumber(found[1][3])
end

local function standing(queue, id, completed, lease_ms, delivered)
  if completed == '1' then return 'completed', '' end
  -- A held case has no entry yet.
  if id == '' then return 'held', '' end
  local mediator, idle_ms = pending(queue, id)
  if mediator then
    if idle_ms < lease_ms then return 'claimed', mediator end
    return 'waiting', ''
  end
  if is_after(id, delivered) then return 'waiting', '' end
  return 'completed', ''
end

-- Whether the claim `token` of `mediator` still holds: 'ok', 'missing' or 'not_yours', then the entry's id and its queue.
local function held(case, queues, mediator, token, lease_ms)
  local stored = redis.call('HMGET', case, 'entry', 'claims', 'completed', 'severity')
  if not stored[1] then return 'missing' end
  if stored[1] == '' or stored[2] ~= token or stored[3] == '1' then return 'not_yours' end
  local queue = queues .. stored[4]
  local holder, idle_ms = pending(queue, stored[1])
  if holder ~= mediator or idle_ms >= lease_ms then return 'not_yours' end
  return 'ok', stored[1], queue
end
