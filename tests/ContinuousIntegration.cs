namespace Monitoring.Tests;

/// <summary>Whether the tests run where everything they need must be present (<c>CI=true</c>).</summary>
internal static class ContinuousIntegration
{
    internal static bool IsOn { get; } =
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
}
