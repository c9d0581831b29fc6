using System.Globalization;
using System.Text.RegularExpressions;

namespace Monitoring.Tests.Architecture;

/// <summary>Rules about what stands in files. Each gives its offences as sentences that start with file and line.</summary>
internal static partial class CodeRules
{
    /// <summary>Where code may be unsafe and call native libraries.</summary>
    private static readonly string[] NativeFolders = ["agent/Devices", "segments/Posix", "simulator", "tests", "benchmarks"];

    /// <summary>Tests of whole processes wait for them in real time; everything else has an injected clock.</summary>
    private static readonly string[] FoldersThatMayWait = ["tests/EndToEnd"];

    /// <summary>What a test waits with for another thread.</summary>
    private const string FileThatWaits = "tests/Eventually.cs";

    /// <summary>Where the agent may start programs: profilers, journalctl where the kernel's log itself is closed to it, and what tells the doctor its version.</summary>
    private static readonly string[] FoldersThatStartPrograms = ["agent/Capture", "agent/Detection/KernelLog", "agent/Doctor"];

    /// <summary>Native code is behind the device boundary.</summary>
    internal static IEnumerable<string> NativeCode(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCSharp && !NativeFolders.Any(file.IsUnder)
        from Match word in NativeWord().Matches(file.Code)
        select $"{At(file, word.Index)} has {word.Value}; native code lives in agent/Devices";

    /// <summary>The agent and the collector start no programs, but for the folders named above.</summary>
    internal static IEnumerable<string> Processes(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCSharp && (file.IsUnder("agent") || file.IsUnder("collector")) && !FoldersThatStartPrograms.Any(file.IsUnder)
        from Match word in ProcessStart().Matches(file.Code)
        select $"{At(file, word.Index)} has {word.Value}; programs are started in {string.Join(", ", FoldersThatStartPrograms)} only";

    /// <summary>Every log message of an assembly has a number of its own.</summary>
    internal static IEnumerable<string> EventNumbers(IEnumerable<SourceFile> files)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files.Where(static file => file.IsCSharp))
        {
            foreach (Match message in LoggerMessage().Matches(file.Code))
            {
                var place = At(file, message.Index);
                var number = message.Groups["number"].Value;
                if (number is "")
                    yield return $"{place} has a log message without an EventId";
                else if (!known.TryAdd($"{file.Path.Split('/')[0]} {number}", place))
                    yield return $"{place} has the EventId {number} of {known[$"{file.Path.Split('/')[0]} {number}"]}";
            }
        }
    }

    /// <summary>Tests do not sleep; a delay on a clock that the test moves is none.</summary>
    internal static IEnumerable<string> Sleeps(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCSharp && file.IsUnder("tests") && file.Path != FileThatWaits && !FoldersThatMayWait.Any(file.IsUnder)
        from Match call in Sleep().Matches(file.Code)
        where !OnInjectedClock().IsMatch(call.Value)
        select $"{At(file, call.Index)} sleeps; inject a clock and move it";

    /// <summary>Nothing is marked as unfinished: it is finished, or an issue says what is missing.</summary>
    internal static IEnumerable<string> Unfinished(IEnumerable<SourceFile> files) =>
        from file in files
        from Match mark in UnfinishedMark().Matches(file.IsCSharp ? file.Comments : file.Text)
        select $"{At(file, mark.Index)} is marked {mark.Value}";

    /// <summary>No blanks at the end of a line and no tabs in C#.</summary>
    internal static IEnumerable<string> Blanks(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCSharp
        from Match blank in StrayBlank().Matches(file.Text)
        select $"{At(file, blank.Index)} has {(blank.Value.Contains('\t') ? "a tab" : "a blank at the end of the line")}";

    /// <summary>The repository speaks of the product alone: no path of the machine it was written on, no name of a planning document.</summary>
    internal static IEnumerable<string> ForeignPlaces(IEnumerable<SourceFile> files) =>
        from file in files
        from Match place in ForeignPlace().Matches(file.Text)
        select $"{At(file, place.Index)} names '{place.Value}'";

    private static string At(SourceFile file, int offset) => string.Create(CultureInfo.InvariantCulture, $"{file.Path}:{file.LineAt(offset)}");

    [GeneratedRegex(@"\b(unsafe|LibraryImport|DllImport|NativeLibrary)\b")]
    private static partial Regex NativeWord();

    [GeneratedRegex(@"\b(Process\.Start\b|new\s+Process\b|ProcessStartInfo\b)")]
    private static partial Regex ProcessStart();

    [GeneratedRegex(@"\[LoggerMessage\b\s*(\(\s*((EventId\s*=\s*)?(?<number>\d+)\b|[^\]]*?\bEventId\s*=\s*(?<number>\d+)\b)?)?")]
    private static partial Regex LoggerMessage();

    [GeneratedRegex(@"\b(Thread\.Sleep\b|Task\.Delay\s*\([^;]*;?)")]
    private static partial Regex Sleep();

    [GeneratedRegex(@",\s*(clock|time|timeProvider)\b")]
    private static partial Regex OnInjectedClock();

    [GeneratedRegex("\\b(TO" + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b")]
    private static partial Regex UnfinishedMark();

    [GeneratedRegex(@"[ \t]+(?=\r?$)|\t", RegexOptions.Multiline)]
    private static partial Regex StrayBlank();

    // In parts, so that the pattern does not find itself.
    [GeneratedRegex(@"(?<![\w.~})-])/(wo" + @"rk|tmp/w" + @"t)(?=[/\s'""`]|$)|\bissue " + "[A-H]\\b", RegexOptions.Multiline)]
    private static partial Regex ForeignPlace();
}
