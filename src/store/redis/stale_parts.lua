-- Claims messages whose rest did not come in time.
-- KEYS: 1 all messages whose parts wait
-- ARGV: 1 before when they began in ms, 2 now in ms, 3 how long a claim lasts in ms, 4 what the key of a message's parts
--       begins with, 5 how many at most
-- Gives a list of {name, part, ...}.

local stale = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[5])) do
  local group = ARGV[4] .. name
  local at = redis.call('HMGET', group, 'total', 'claimed')
  if not at[1] then
    redis.call('ZREM', KEYS[1], name)
  elseif not at[2] or tonumber(ARGV[2]) - tonumber(at[2]) >= tonumber(ARGV[3]) then
    redis.call('HSET', group, 'claimed', ARGV[2])
    local found = {name}
    for place = 0, tonumber(at[1]) - 1 do
      local sealed = redis.call('HGET', group, 'sealed:' .. place)
      if sealed then found[#found + 1] = sealed end
    end
    stale[#stale + 1] = found
  end
end
return stale
