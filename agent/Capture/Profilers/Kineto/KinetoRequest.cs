namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>What a client of the protocol says.</summary>
internal abstract record KinetoRequest
{
    /// <summary>It asks for a configuration, every few seconds.</summary>
    /// <param name="Wants">Bit 0 events, bit 1 a trace; neither or only the first while its profiler is at work.</param>
    /// <param name="JobId">SLURM_JOB_ID, or 0.</param>
    /// <param name="Pids">Itself and its ancestors, numbered as in its own process namespace; claimed, not proven.</param>
    internal sealed record Configuration(int Wants, long JobId, IReadOnlyList<int> Pids) : KinetoRequest
    {
        private const int Activities = 2;

        /// <summary>True where it would take a trace's configuration now.</summary>
        internal bool IsIdle => (Wants & Activities) != 0;
    }

    /// <summary>It says which GPU it uses and asks how many of its job there are; no client does so today.</summary>
    internal sealed record Registration(int Gpu, int Pid, long JobId) : KinetoRequest;

    private KinetoRequest()
    {
    }
}
