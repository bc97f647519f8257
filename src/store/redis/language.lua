-- Gives the language of the newest case of a reporter whose language is known, or nothing.
-- KEYS: 1 cases by arrival, then the keys of the reporter under each pepper
-- ARGV: 1 what the key of a case begins with

local newest, language = -1, false
for n = 2, #KEYS do
  for _, reference in ipairs(redis.call('SMEMBERS', KEYS[n])) do
    local arrival = tonumber(redis.call('ZSCORE', KEYS[1], reference) or -1)
    if arrival > newest then
      local spoken = redis.call('HGET', ARGV[1] .. reference, 'language')
      if spoken and spoken ~= 'und' then newest, language = arrival, spoken end
    end
  end
end
return language
