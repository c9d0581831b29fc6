using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Makes the values of an event; JSON knows neither NaN nor infinity.</summary>
internal static class Evidence
{
    internal static EventValue Of(string name, double value, double threshold) => new(name, Finite(value), Finite(threshold));

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
