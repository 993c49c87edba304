import { integer, long, MAX_INT, type Sysctl } from "../sysctl";

/** Kernel docs, "Documentation for /proc/sys/fs/". */
const FS = "Documentation/admin-guide/sysctl/fs.rst";
const VM = "Documentation/admin-guide/sysctl/vm.rst";
const KERNEL = "Documentation/admin-guide/sysctl/kernel.rst";
/** Values a kubelet with protectKernelDefaults insists on. */
const KUBELET = "kubernetes/kubernetes pkg/kubelet/cm/container_manager_linux.go";

/** Files, memory and processes: one value for the node and everything on it. */
export const NODE_SYSCTLS = {
  "fs.file-max": {
    shape: long(8192, "files"),
    scope: "node",
    atLeast: true,
    why: "open files of all processes together; every connection is one. systemd images start at 2^63-1, so an assignment usually lowers it",
    source: FS,
  },
  "fs.nr_open": {
    // sysctl_nr_open_max = min(INT_MAX, ~(size_t)0 / sizeof(void *)) & -BITS_PER_LONG: fs/file.c
    shape: integer(64, 2_147_483_584, "files"),
    scope: "node",
    atLeast: true,
    why: "ceiling for RLIMIT_NOFILE; a container whose hard limit is above it does not start",
    source: `${FS}; ceiling enforced by do_prlimit() in kernel/sys.c`,
  },
  "fs.aio-max-nr": {
    shape: long(1, "requests"),
    scope: "node",
    atLeast: true,
    why: "asynchronous disk requests in flight; embedded stores use some",
    source: FS,
  },
  "fs.inotify.max_user_watches": {
    shape: integer(1, MAX_INT, "watches"),
    scope: "node",
    atLeast: true,
    why: "file watches per user; log collectors on dense nodes run out first",
    source: "man 7 inotify",
  },
  "fs.inotify.max_user_instances": {
    shape: integer(1, MAX_INT, "instances"),
    scope: "node",
    atLeast: true,
    why: "inotify instances per user; one per configuration watcher",
    source: "man 7 inotify",
  },
  "vm.max_map_count": {
    shape: integer(1, MAX_INT, "areas"),
    scope: "node",
    atLeast: true,
    why: "memory areas per process; memory-mapped stores and large heaps need more than 65530",
    source: VM,
  },
  "vm.swappiness": {
    shape: integer(0, 200, "weight"),
    scope: "node",
    why: "how eagerly anonymous memory is swapped; latency suffers when a broker's heap is",
    source: `${VM} (above 100 since 5.8)`,
  },
  "vm.min_free_kbytes": {
    shape: integer(1, MAX_INT, "KiB"),
    scope: "node",
    why: "memory kept free for atomic allocations, among them received packets during a connect storm",
    source: VM,
  },
  "vm.vfs_cache_pressure": {
    shape: integer(0, MAX_INT, "percent"),
    scope: "node",
    why: "how eagerly directory and inode caches are reclaimed; each socket has an inode",
    source: VM,
  },
  "vm.overcommit_memory": {
    shape: integer(0, 2, "mode"),
    scope: "node",
    kubeletExpects: "1",
    why: "whether allocations beyond memory succeed; the kubelet insists on 1",
    source: `${VM}; ${KUBELET}`,
  },
  "vm.panic_on_oom": {
    shape: integer(0, 2, "mode"),
    scope: "node",
    kubeletExpects: "0",
    why: "whether running out of memory stops the node; the kubelet insists on 0",
    source: `${VM}; ${KUBELET}`,
  },
  "kernel.panic": {
    shape: integer(-1, MAX_INT, "seconds"),
    scope: "node",
    kubeletExpects: "10",
    why: "seconds until a node that panicked reboots; the kubelet insists on 10",
    source: `${KERNEL}; ${KUBELET}`,
  },
  "kernel.panic_on_oops": {
    shape: integer(0, 1, "switch"),
    scope: "node",
    kubeletExpects: "1",
    why: "whether a kernel fault stops the node; the kubelet insists on 1",
    source: `${KERNEL}; ${KUBELET}`,
  },
  "kernel.keys.root_maxkeys": {
    shape: integer(1, MAX_INT, "keys"),
    scope: "node",
    kubeletExpects: "1000000",
    why: "kernel keys root may own, one per container; the kubelet insists on 1000000",
    source: `Documentation/security/keys/core.rst; ${KUBELET}`,
  },
  "kernel.keys.root_maxbytes": {
    shape: integer(1, MAX_INT, "bytes"),
    scope: "node",
    kubeletExpects: "25000000",
    why: "bytes of kernel keys root may own; the kubelet insists on 25000000",
    source: `Documentation/security/keys/core.rst; ${KUBELET}`,
  },
  "kernel.threads-max": {
    shape: integer(20, MAX_INT, "threads"),
    scope: "node",
    atLeast: true,
    sizedFromMemory: true,
    why: "threads on the node; brokers with a thread per scheduler or per request need room",
    source: KERNEL,
  },
  "kernel.pid_max": {
    // PID_MAX_LIMIT on 64-bit: include/linux/threads.h
    shape: integer(301, 4_194_304, "processes"),
    scope: "node",
    atLeast: true,
    why: "process and thread ids on the node",
    source: KERNEL,
  },
  "kernel.shm_rmid_forced": {
    shape: integer(0, 1, "switch"),
    scope: "ipc-namespace",
    safeSince: "1.4",
    why: "frees shared memory whose owner died; a pod may set it",
    source: `${KERNEL}; safe since sysctls exist in Kubernetes`,
  },
} as const satisfies Record<string, Sysctl>;
