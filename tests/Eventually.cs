using Xunit;

namespace Monitoring.Tests;

/// <summary>
/// Waits for what another thread or process brings about, where no event of it can be awaited.
/// The patience is for a loaded machine: what is right comes long before it, what is wrong fails with words.
/// </summary>
internal static class Eventually
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="what">What is waited for, as the failure names it.</param>
    /// <param name="condition">Asked each 20 ms; it may move a manual clock first.</param>
    /// <param name="patience">Null: 60 s.</param>
    internal static Task HoldsAsync(string what, Func<bool> condition, TimeSpan? patience = null) => HoldsAsync(() => what, () => Task.FromResult(condition()), patience);

    /// <inheritdoc cref="HoldsAsync(string, Func{bool}, TimeSpan?)"/>
    internal static Task HoldsAsync(string what, Func<Task<bool>> condition, TimeSpan? patience = null) => HoldsAsync(() => what, condition, patience);

    /// <inheritdoc cref="HoldsAsync(string, Func{bool}, TimeSpan?)"/>
    /// <param name="what">Asked when it failed, so that it can say how far it came.</param>
    /// <param name="condition">Asked each 20 ms.</param>
    /// <param name="patience">Null: 60 s.</param>
    internal static async Task HoldsAsync(Func<string> what, Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > limit) Assert.Fail($"Not within {limit.TotalSeconds:0} s: {what()}");
            await Task.Delay(Tick, TimeProvider.System);
        }
    }

    /// <summary>The same for a test that blocks its thread.</summary>
    internal static void Holds(string what, Func<bool> condition, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        Assert.True(SpinWait.SpinUntil(condition, limit), $"Not within {limit.TotalSeconds:0} s: {what}");
    }
}
