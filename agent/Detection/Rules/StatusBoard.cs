namespace Monitoring.Agent.Detection.Rules;

/// <summary>
/// Lets any thread ask where the rules stand without the engine ever waiting: who asks leaves a note, the engine answers it at its next
/// turn. An engine that takes no turn for a while is not waited for: its last answer stands.
/// </summary>
internal sealed class StatusBoard
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private TaskCompletionSource<IReadOnlyList<RuleStatus>>? asked;
    private IReadOnlyList<RuleStatus> last = [];
    private int owner = -1;

    /// <summary>Called by the engine at each turn.</summary>
    internal void Turn(Func<IReadOnlyList<RuleStatus>> build)
    {
        Volatile.Write(ref owner, Environment.CurrentManagedThreadId);
        if (Volatile.Read(ref asked) is null) return;
        var request = Interlocked.Exchange(ref asked, null)!;
        Volatile.Write(ref last, build());
        request.SetResult(last);
    }

    /// <summary>Where the rules stand.</summary>
    internal IReadOnlyList<RuleStatus> Ask(Func<IReadOnlyList<RuleStatus>> build)
    {
        if (Volatile.Read(ref owner) == Environment.CurrentManagedThreadId) return build();
        var mine = new TaskCompletionSource<IReadOnlyList<RuleStatus>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = Interlocked.CompareExchange(ref asked, mine, null) ?? mine;
        return request.Task.Wait(Patience) ? request.Task.Result : Volatile.Read(ref last);
    }
}
