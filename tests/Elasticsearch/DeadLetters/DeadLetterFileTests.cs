using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Documents;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.DeadLetters;

public sealed class DeadLetterFileTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dead-").FullName;

    private string FolderPath => Path.Combine(root, "dead-letters");

    private string FilePath => Path.Combine(FolderPath, "event.ndjson");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_letter_is_a_line_with_all_that_a_person_and_a_replay_need()
    {
        File(1 << 20).Keep([Letter(1), Letter(2)]).Should().Be(0);
        System.IO.File.ReadAllText(FilePath).Should().Be(
            """
            {"error":{"type":"mapper_parsing_exception","reason":"no \u0022x\u0022"},"status":400,"first_seen":"2026-01-01T00:00:00Z","attempts":3,"target":{"index":"logs-gpu.event-default-2026.01.01-000001","id":"id-1"},"source":{"n": 1}}
            {"error":{"type":"mapper_parsing_exception","reason":"no \u0022x\u0022"},"status":400,"first_seen":"2026-01-01T00:00:00Z","attempts":3,"target":{"index":"logs-gpu.event-default-2026.01.01-000001","id":"id-2"},"source":{"n": 2}}

            """);
    }

    [Fact]
    public void Nobody_else_may_read_them()
    {
        if (OperatingSystem.IsWindows()) return;
        File(1 << 20).Keep([Letter(1)]);
        System.IO.File.GetUnixFileMode(FilePath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        System.IO.File.GetUnixFileMode(FolderPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void The_bound_is_kept_and_what_is_given_up_is_counted()
    {
        var file = File(40_000);
        long givenUp = 0;
        for (var number = 1; number <= 1000; number++)
        {
            givenUp += file.Keep([Letter(number)]);
            Files().Sum(static path => new FileInfo(path).Length).Should().BeLessThanOrEqualTo(40_000);
        }
        var lines = Files().SelectMany(System.IO.File.ReadAllLines).ToList();
        (lines.Count + givenUp).Should().Be(1000);
        lines.Should().Contain(static line => line.Contains("\"id-1000\"")).And.HaveCountGreaterThan(100);
    }

    [Fact]
    public void A_letter_that_alone_is_over_the_bound_is_given_up_and_the_others_are_kept()
    {
        File(40_000).Keep([Letter(1), Letter(2) with { Document = new SourceDocument(2, "i", "id-2", Encoding.UTF8.GetBytes($"{{\"x\":\"{new string('x', 50_000)}\"}}")) }, Letter(3)]).Should().Be(1);
        System.IO.File.ReadAllLines(FilePath).Should().HaveCount(2);
    }

    [Fact]
    public void A_torn_line_is_cut_off_and_one_that_lacks_only_its_end_is_ended()
    {
        var file = File(1 << 20);
        file.Keep([Letter(1)]);
        System.IO.File.AppendAllText(FilePath, """{"error":{"type":"ma""");
        file.Keep([Letter(2)]);
        System.IO.File.ReadAllLines(FilePath).Should().HaveCount(2);
        var bytes = System.IO.File.ReadAllBytes(FilePath);
        System.IO.File.WriteAllBytes(FilePath, bytes[..^1]);
        file.Keep([Letter(3)]);
        System.IO.File.ReadAllLines(FilePath).Should().HaveCount(3).And.OnlyContain(static line => DeadLetterLine.Read(Encoding.UTF8.GetBytes(line), 1) != null);
    }

    [Fact]
    public void A_file_torn_anywhere_keeps_every_letter_that_was_whole()
    {
        var file = File(1 << 20);
        file.Keep([Letter(1), Letter(2), Letter(3)]);
        var whole = System.IO.File.ReadAllBytes(FilePath);
        for (var length = 0; length <= whole.Length; length += 7)
        {
            System.IO.File.WriteAllBytes(FilePath, whole[..length]);
            file.Keep([Letter(9)]);
            var lines = System.IO.File.ReadAllLines(FilePath);
            lines.Should().HaveCountGreaterThanOrEqualTo(whole.AsSpan(0, length).Count((byte)'\n') + 1);
            lines.Should().OnlyContain(static line => DeadLetterLine.Read(Encoding.UTF8.GetBytes(line), 1) != null);
        }
    }

    [Fact]
    public void Two_writers_at_once_lose_nothing()
    {
        Parallel.For(0, 4, writer =>
        {
            var file = File(1 << 20);
            for (var number = 0; number < 25; number++) KeepSoon(file, Letter((writer * 100) + number));
        });
        System.IO.File.ReadAllLines(FilePath).Should().HaveCount(100).And.OnlyContain(static line => DeadLetterLine.Read(Encoding.UTF8.GetBytes(line), 1) != null);
    }

    [Fact]
    public void Any_document_comes_back_byte_for_byte() => Prop.ForAll<byte[], NonNull<string>, int?>(static (json, text, status) =>
    {
        var name = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
        var letter = new DeadLetter(new SourceDocument(7, "i" + name, name, json), status, new ServerError("t", name), new DateTimeOffset(2026, 5, 5, 5, 5, 5, TimeSpan.Zero), 4);
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        DeadLetterLine.Write(line, letter);
        return line.WrittenSpan.Count((byte)'\n') == 1 && DeadLetterLine.Read(line.WrittenMemory[..^1], 7) is { } read
            && read.Document.Json.Span.SequenceEqual(json) && read.Document.Id == name && read.Document.Index == "i" + name && read.Status == status && read.Attempts == 4 && read.FirstSeen == letter.FirstSeen && read.Error == letter.Error;
    }).Check(Fuzzing.Cases(100));

    [Theory]
    [InlineData("{\"a\": 1 }")]
    [InlineData("{}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1}\r")]
    [InlineData("not json")]
    [InlineData("")]
    public void Documents_that_are_no_JSON_come_back_too(string json)
    {
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        DeadLetterLine.Write(line, Letter(1) with { Document = new SourceDocument(1, "i", "x", Encoding.UTF8.GetBytes(json)) });
        Encoding.UTF8.GetString(DeadLetterLine.Read(line.WrittenMemory[..^1], 1)!.Document.Json.Span).Should().Be(json);
    }

    [Fact]
    public void Any_line_is_read_or_refused_without_a_fault() => Prop.ForAll<byte[]>(static bytes =>
    {
        _ = DeadLetterLine.Read(bytes, 1);
        return true;
    }).Check(Fuzzing.Cases(100));

    private static void KeepSoon(DeadLetterFile file, DeadLetter letter)
    {
        // The pump does the same after a pause.
        for (var left = 100; ; left--)
        {
            try
            {
                file.Keep([letter]);
                return;
            }
            catch (IOException) when (left > 0)
            {
            }
        }
    }

    private static DeadLetter Letter(int number) => new(
        new SourceDocument((ulong)number + 1, "logs-gpu.event-default-2026.01.01-000001", $"id-{number}", Encoding.UTF8.GetBytes($"{{\"n\": {number}}}")), 400,
        new ServerError("mapper_parsing_exception", "no \"x\""), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 3);

    private DeadLetterFile File(long bytes) => new(FolderPath, "event", bytes);

    private IEnumerable<string> Files() => Directory.GetFiles(FolderPath, "*.ndjson").Order(StringComparer.Ordinal);
}
