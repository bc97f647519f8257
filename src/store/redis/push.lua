-- Stores a case and puts it into its queue. A delivery that was stored before changes nothing.
-- KEYS: 1 delivery, 2 case, 3 queue, 4 contact, 5 reporter, 6 cases, 7 number of the newest case
-- ARGV: 1 reference, 2 record, 3 severity, 4 language, 5 hour in ms, 6 seconds to keep the delivery and the reporter,
--       7 reporter in hex, 8 channel, 9 sealed contact or nothing, 10 mark of this very request,
--       11 1 if an operator must look at it first
-- Gives {'new'}, {'known', reference} or {'taken'}.

local known = redis.call('GET', KEYS[1])
if known then
  local reference, mark = known:match('^(%S+) (%S+)$')
  -- The connection broke before the answer to this very request: nobody has heard yet that the case is new.
  if mark == ARGV[10] then return {'new'} end
  return {'known', reference or known}
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'taken'} end

local arrival = redis.call('INCR', KEYS[7])
-- A held case is in no queue, so no program sees it, whichever it is.
local entry = ''
if ARGV[11] ~= '1' then
  entry = enqueue(KEYS[3], ARGV[1], ARGV[2], tonumber(ARGV[5]), arrival)
  if entry.err then return entry end
end
redis.call('HSET', KEYS[2], 'record', ARGV[2], 'severity', ARGV[3], 'language', ARGV[4], 'entry', entry, 'claims', 0)
if entry == '' then redis.call('HSET', KEYS[2], 'held', '1', 'hour', ARGV[5]) end
redis.call('ZADD', KEYS[6], arrival, ARGV[1])
redis.call('HSET', KEYS[4], 'reporter', ARGV[7], 'channel', ARGV[8])
if ARGV[9] ~= '' then redis.call('HSET', KEYS[4], 'sealed', ARGV[9]) end
redis.call('SADD', KEYS[5], ARGV[1])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[10])
-- Both end with a day: an end to the second would tell the second in which the report came.
local ends = (math.floor((redis.call('TIME')[1] + ARGV[6]) / 86400) + 1) * 86400
redis.call('EXPIREAT', KEYS[5], string.format('%.0f', ends))
redis.call('EXPIREAT', KEYS[1], string.format('%.0f', ends))
return {'new'}
