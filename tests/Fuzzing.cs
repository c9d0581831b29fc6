using System.Globalization;
using FsCheck;

namespace Monitoring.Tests;

/// <summary>
/// How many cases a property is tried with, and which.
/// The cases are the same at each run, so that a commit is not judged by luck; <c>scripts/test-fuzz.sh</c> sets
/// <c>GPU_MONITORING_FUZZ_FACTOR</c>, which takes that many times more of them and others at each run.
/// </summary>
internal static class Fuzzing
{
    private const ulong Seed = 0x6770752d6d6f6e69;
    private const ulong Gamma = 0x746f72696e670001;

    private static readonly int Factor = FactorOf(Environment.GetEnvironmentVariable("GPU_MONITORING_FUZZ_FACTOR"));

    /// <summary>A configuration that throws at the first case that fails.</summary>
    /// <param name="count">Cases of an ordinary run.</param>
    internal static Config Cases(int count) => Of(count, Factor);

    internal static Config Of(int count, int factor)
    {
        var config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(count * Math.Max(factor, 1));
        return factor > 0 ? config : config.WithReplay(Seed, Gamma);
    }

    internal static int FactorOf(string? text) => text is null or "" ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var factor) && factor is > 0 and <= 1000 ? factor
        : throw new InvalidOperationException($"GPU_MONITORING_FUZZ_FACTOR is '{text}', expected a whole number from 1 to 1000");
}
