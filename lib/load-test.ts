// Load on a broker: scenarios, and fleets of generators that run them. Needs the Helm provider's package, and no cloud's.
export { LoadTestFleet, type LoadTestFleetProps } from "./load-test/load-test-fleet";
export { benchArguments, checkScenario, type LoadTarget, podsOf, type Scenario } from "./load-test/scenario";
