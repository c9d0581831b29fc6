using System.Diagnostics;
using System.Globalization;
using System.Text;
using FluentAssertions;
using Monitoring.Segments;
using Xunit;
using static Monitoring.Tests.Segments.LogDirectory;

namespace Monitoring.Tests.Segments;

/// <summary>A process that appends is killed at any moment: what it said to be on disk is there, in order.</summary>
public sealed class SuddenDeathTests
{
    private const string DirectoryVariable = "SEGMENTS_OF_THE_CHILD";
    private static readonly SegmentLogOptions Options = new() { MaximumBytes = 1 << 26, SegmentBytes = 8192 };

    [Fact]
    public async Task What_was_flushed_before_a_kill_is_there_in_order()
    {
        using var directory = new LogDirectory();
        var random = new Random(7);
        for (var round = 0; round < 4; round++)
        {
            var flushed = await AppendUntilKilled(directory.DirectoryPath, random.Next(1, 300));

            using var log = SegmentLog.Open(directory.DirectoryPath, Options, TimeProvider.System);
            log.Damages.Should().BeEmpty();
            var read = Sequences(log);
            read.Should().Equal(Range(1, log.NextSequence - 1));
            ((ulong)read.Count).Should().BeGreaterThanOrEqualTo(flushed);
        }
    }

    /// <summary>The child's part: runs only where a test of this class asks for it.</summary>
    [Fact(Explicit = true)]
    public void Appends_until_it_is_killed()
    {
        using var output = Console.OpenStandardOutput();
        using var log = SegmentLog.Open(Environment.GetEnvironmentVariable(DirectoryVariable)!, Options, TimeProvider.System);
        while (true)
        {
            for (var index = 0; index < 5; index++) log.Append(1, Payload(log.NextSequence));
            log.Flush();
            output.Write(Encoding.ASCII.GetBytes($"\nflushed {log.FlushedSequence}\n"));
        }
    }

    private static async Task<ulong> AppendUntilKilled(string directory, int reports)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(SuddenDeathTests).Assembly.Location);
        foreach (var argument in (string[])["-method", $"{typeof(SuddenDeathTests).FullName}.{nameof(Appends_until_it_is_killed)}", "-explicit", "only"]) start.ArgumentList.Add(argument);
        start.Environment[DirectoryVariable] = directory;
        using var child = Process.Start(start)!;
        var flushed = 0ul;
        try
        {
            for (var seen = 0; seen < reports && await child.StandardOutput.ReadLineAsync() is { } line;)
            {
                if (!line.StartsWith("flushed ", StringComparison.Ordinal)) continue;
                flushed = ulong.Parse(line["flushed ".Length..], CultureInfo.InvariantCulture);
                seen++;
            }
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }
        return flushed > 0 ? flushed : throw new InvalidOperationException("The child appended nothing.");
    }
}
