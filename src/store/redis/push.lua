-- Stores a case and puts it into its queue. A delivery that was stored before changes nothing.
-- KEYS: 1 delivery, 2 case, 3 queue, 4 contact, 5 reporter, 6 cases, 7 number of the newest case, 8 epoch, 9 all wraps by
--       epoch, 10 wrap of the contact, 11 original, 12 wrap of the original, 13 links, 14 reporter under the old pepper
-- ARGV: 1 reference, 2 record, 3 severity, 4 language, 5 hour in ms, 6 seconds to keep the delivery, 7 reporter in hex,
--       8 channel, 9 sealed contact or nothing, 10 mark of this very request, 11 wrap of the contact, 12 sealed original or
--       nothing, 13 wrap of the original, 14 epoch it is sealed for or nothing, 15 seconds to keep the reporter,
--       16 1 if an operator must look at it first
-- Gives {'new'}, {'known', reference}, {'taken'} or {'epoch_over'}.

local known = redis.call('GET', KEYS[1])
if known then
  local reference, mark = known:match('^(%S+) (%S+)$')
  -- The connection broke before the answer to this very request: nobody has heard yet that the case is new.
  if mark == ARGV[10] then return {'new'} end
  return {'known', reference or known}
end
local epoch = redis.call('HGET', KEYS[8], 'number')
if epoch and ARGV[14] ~= '' and epoch ~= ARGV[14] then return {'epoch_over'} end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'taken'} end

local arrival = redis.call('INCR', KEYS[7])
-- A held case is in no queue, so no program sees it, whichever it is.
local entry = ''
if ARGV[16] ~= '1' then
  entry = enqueue(KEYS[3], ARGV[1], ARGV[2], tonumber(ARGV[5]), arrival)
  if entry.err then return entry end
end
redis.call('HSET', KEYS[2], 'record', ARGV[2], 'severity', ARGV[3], 'language', ARGV[4], 'entry', entry, 'claims', 0)
if entry == '' then redis.call('HSET', KEYS[2], 'held', '1', 'hour', ARGV[5]) end
redis.call('ZADD', KEYS[6], arrival, ARGV[1])
if ARGV[9] ~= '' then
  redis.call('HSET', KEYS[4], 'channel', ARGV[8], 'sealed', ARGV[9])
  redis.call('SET', KEYS[10], ARGV[11])
  redis.call('ZADD', KEYS[9], ARGV[14], 'contact:' .. ARGV[1])
end
if ARGV[12] ~= '' then
  redis.call('SET', KEYS[11], ARGV[12])
  redis.call('SET', KEYS[12], ARGV[13])
  redis.call('ZADD', KEYS[9], ARGV[14], 'original:' .. ARGV[1])
end
-- Met under the old pepper: known under the new one from now on.
if KEYS[14] ~= KEYS[5] then
  for _, earlier in ipairs(redis.call('SMEMBERS', KEYS[14])) do
    redis.call('SADD', KEYS[5], earlier)
    redis.call('HSET', KEYS[13], earlier, ARGV[7])
  end
  redis.call('DEL', KEYS[14])
end
redis.call('SADD', KEYS[5], ARGV[1])
redis.call('HSET', KEYS[13], ARGV[1], ARGV[7])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[10])
-- Both end with a day: an end to the second would tell the second in which the report came.
local now = redis.call('TIME')[1]
local function end_of_day(secs) return string.format('%.0f', (math.floor((now + secs) / 86400) + 1) * 86400) end
redis.call('EXPIREAT', KEYS[5], end_of_day(ARGV[15]))
redis.call('EXPIREAT', KEYS[1], end_of_day(ARGV[6]))
return {'new'}
