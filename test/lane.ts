// The two lanes of the tests: the fast one of `npm test`, and the long one of `npm run test:long`, which does the same more often.

export const isLong = process.env['GITOPS_RELAY_LANE'] === 'long'

/** @param long in the long lane */
export const inLane = <T>(fast: T, long: T): T => (isLong ? long : fast)
