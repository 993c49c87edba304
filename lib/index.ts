// Everything. Applications on one cloud import its entry point instead, and need only that cloud's provider package.
export * from "./aks";
export * from "./eks";
export * from "./gke";
export * from "./kernel";
export * from "./load-test";
export * from "./release";
export * from "./report";
export * from "./sizing";
