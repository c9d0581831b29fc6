using System.Globalization;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Incidents;

/// <summary>A parameter of an incident, as a person writes it.</summary>
/// <param name="Name">Name on the command line and in scenarios.</param>
/// <param name="Default">Value where nobody says otherwise; empty for none.</param>
/// <param name="Expected">What is allowed, in words.</param>
/// <param name="Help">What it does, in one sentence.</param>
/// <param name="Accepts">Whether a value is allowed.</param>
public sealed record IncidentParameter(string Name, string Default, string Expected, string Help, Predicate<string> Accepts)
{
    internal static IncidentParameter Number(string name, double value, double minimum, double maximum, string help) => new(
        name,
        value.ToString(CultureInfo.InvariantCulture),
        string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}"),
        help,
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum);

    internal static IncidentParameter Whole(string name, int value, int minimum, int maximum, string help) => new(
        name,
        value.ToString(CultureInfo.InvariantCulture),
        $"a whole number from {minimum} to {maximum}",
        help,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum);

    internal static IncidentParameter Word(string name, string value, string help, params string[] words) => new(
        name, value, $"one of {string.Join(", ", words)}", help, text => words.Contains(text));

    internal static IncidentParameter Function(string name, string help) => new(
        name, "", "the name of a function of the library, such as nvmlDeviceGetPowerUsage", help, FunctionTable.Contains);
}
