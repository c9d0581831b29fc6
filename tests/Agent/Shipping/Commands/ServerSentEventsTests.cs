using System.Globalization;
using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Shipping.Commands;
using Xunit;

namespace Monitoring.Tests.Agent.Shipping.Commands;

public sealed class ServerSentEventsTests
{
    [Theory]
    [InlineData("data: a\n\n", "|message|a")]
    [InlineData("id: 7\nevent: command\ndata: a\ndata:b\n\n", "7|command|a\nb")]
    [InlineData("data: a\r\n\r\ndata: b\r\rdata: c\n\n", "|message|a;|message|b;|message|c")]
    [InlineData(":comment\n\n:\n\ndata\n\n", "|message|")]
    [InlineData("id: 7\n\ndata: a\n\n", "7|message|a")]
    [InlineData("id: 7\ndata: a\n\nid\ndata: b\n\n", "7|message|a;|message|b")]
    [InlineData("\uFEFFdata: a\n\n", "|message|a")]
    [InlineData("data: unfinished\n", "")]
    [InlineData("event: x\n\ndata:  two blanks\n\n", "|message| two blanks")]
    [InlineData("unknown: 1\ndata: a\nretry: soon\n\n", "|message|a")]
    public void Events_are_read_as_the_specification_says(string text, string expected) => Text(new ServerSentEvents(1000).Read(Encoding.UTF8.GetBytes(text))).Should().Be(expected);

    [Fact]
    public void The_pause_that_the_stream_asks_for_is_kept()
    {
        var events = new ServerSentEvents(1000);
        events.Read("retry: 2000\n\n"u8);
        events.Retry.Should().Be(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void However_a_stream_is_cut_the_same_events_come()
    {
        var parts = Gen.ListOf(Gen.Elements("data", ":", " ", "\n", "\r", "\r\n", "id", "event", "a", "é", "\uFEFF", "\0", "7", "retry", "data: x\n\n", "id: 9\n")).Select(static list => string.Concat(list));
        var cuts = Gen.ListOf(Gen.Choose(1, 7));
        Prop.ForAll(parts.ToArbitrary(), cuts.ToArbitrary(), static (text, lengths) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var whole = Text(new ServerSentEvents(4096).Read(bytes));
            var events = new ServerSentEvents(4096);
            var found = new List<ServerSentEvent>();
            var at = 0;
            foreach (var length in lengths.Concat(Enumerable.Repeat(1, bytes.Length)))
            {
                var end = Math.Min(bytes.Length, at + length);
                found.AddRange(events.Read(bytes.AsSpan(at, end - at)));
                at = end;
            }

            return Text(found) == whole && whole == Reference(text);
        }).Check(Fuzzing.Cases(2000));
    }

    [Fact]
    public void Any_bytes_are_read_and_never_more_is_held_than_the_limit()
    {
        Prop.ForAll<byte[], int>(static (bytes, limit) =>
        {
            var events = new ServerSentEvents(1 + Math.Abs(limit % 50));
            return events.Read(bytes).All(static one => one.Data.Length <= 50);
        }).Check(Fuzzing.Cases(1000));
    }

    [Fact]
    public void An_event_that_is_too_long_is_left_out_and_the_next_one_is_read()
    {
        var events = new ServerSentEvents(100);
        var found = new List<ServerSentEvent>();
        for (var round = 0; round < 1000; round++) found.AddRange(events.Read("data: more and more\n"u8));
        found.AddRange(events.Read("\nid: 2\ndata: short\n\n"u8));

        found.Should().Equal(new ServerSentEvent("2", "message", "short"));
        events.TooLong.Should().Be(1);
    }

    [Fact]
    public void A_stream_of_signs_of_life_never_fills_up()
    {
        var events = new ServerSentEvents(64);
        for (var round = 0; round < 1000; round++) events.Read(": still here\n\n"u8);
        events.Read("data: a\n\n"u8).Should().ContainSingle();
        events.TooLong.Should().Be(0);
    }

    private static string Text(IEnumerable<ServerSentEvent> events) => string.Join(';', events.Select(static one => $"{one.Id}|{one.Type}|{one.Data}"));

    /// <summary>The specification's algorithm on the whole text.</summary>
    private static string Reference(string text)
    {
        var (id, type, data, found) = ("", "", (List<string>)[], new List<ServerSentEvent>());
        var lines = (text is ['\uFEFF', ..] ? text[1..] : text).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        foreach (var line in lines[..^1])
        {
            if (line.Length == 0)
            {
                if (data.Count > 0) found.Add(new ServerSentEvent(id, type.Length > 0 ? type : "message", string.Join('\n', data)));
                (type, data) = ("", []);
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon == 0) continue;
            var name = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + 1)..];
            if (value.StartsWith(' ')) value = value[1..];
            if (name == "data") data.Add(value);
            else if (name == "event") type = value;
            else if (name == "id" && !value.Contains('\0', StringComparison.Ordinal)) id = value;
            else if (name == "retry") int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);
        }

        return Text(found);
    }
}
