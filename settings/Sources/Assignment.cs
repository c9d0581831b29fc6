namespace Monitoring.Settings.Sources;

/// <summary>One setting given by its path, as in the environment and on the command line.</summary>
/// <param name="Path">The parts of the key.</param>
/// <param name="Text">The value.</param>
/// <param name="Origin">Who says so, for errors.</param>
/// <param name="Comparison">How parts of the path match keys: the environment has no case.</param>
/// <param name="Separator">What stood between the parts.</param>
internal sealed record Assignment(string[] Path, string Text, string Origin, StringComparison Comparison, string Separator);
