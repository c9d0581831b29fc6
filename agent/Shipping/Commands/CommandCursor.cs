using System.Globalization;
using System.Text;
using Monitoring.Segments;

namespace Monitoring.Agent.Shipping.Commands;

/// <summary>The number of the last command that was taken, on disk, so that an agent that was killed goes on after it.</summary>
internal sealed class CommandCursor
{
    private const string FileName = "command-cursor";

    private readonly string path;

    /// <param name="stateDirectory">The directory for what must outlive a restart; empty keeps it in memory, and commands that were taken are told once more.</param>
    internal CommandCursor(string stateDirectory)
    {
        path = stateDirectory.Length == 0 ? "" : Path.Combine(stateDirectory, FileName);
        try
        {
            if (path.Length > 0 && File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var last)) Last = last;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Then commands that were taken are told once more, which their ids make harmless.
        }
    }

    /// <summary>The number; 0 for none.</summary>
    internal long Last { get; private set; }

    /// <summary>Goes on to a number; one that is told again lies before.</summary>
    /// <returns>Null, or why it could not be kept.</returns>
    internal string? Advance(long sequence)
    {
        if (sequence <= Last) return null;
        Last = sequence;
        if (path.Length == 0) return null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
            DurableFile.Replace(path, Encoding.ASCII.GetBytes(sequence.ToString(CultureInfo.InvariantCulture)));
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return fault.Message;
        }
    }
}
