namespace Monitoring.Settings.Sources;

/// <summary>A file that is no configuration at all, however its settings read.</summary>
/// <param name="line">The line, from 1; 0 for the file as a whole.</param>
/// <param name="message">What is wrong, as the rest of a sentence, with the remedy.</param>
internal sealed class ConfigurationFileException(int line, string message) : Exception(message)
{
    internal int Line => line;
}
