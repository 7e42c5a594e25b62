// Counts for several servers: createProxy({ limits: { perUser: …, store: createRedisStore(client) } })
const ADD = `
  local sum = redis.call("INCRBY", KEYS[1], ARGV[1])
  if sum > tonumber(ARGV[2]) then
    redis.call("DECRBY", KEYS[1], ARGV[1])
    return 0
  end
  redis.call("PEXPIRE", KEYS[1], ARGV[3])
  return 1`;

/** Creates a store on a connected client of the package `redis`. */
export function createRedisStore(client) {
  return {
    async add(key, amount, { limit, expiresInMs }) {
      const values = [amount, limit, expiresInMs].map(String);
      return (await client.eval(ADD, { keys: [key], arguments: values })) === 1;
    },
  };
}
