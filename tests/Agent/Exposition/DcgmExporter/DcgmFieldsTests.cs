using FluentAssertions;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Exposition.DcgmExporter;

public sealed class DcgmFieldsTests
{
    private static readonly DcgmFlavour[] Flavours = [DcgmFlavour.Until482, DcgmFlavour.From483, DcgmFlavour.From49];

    [Fact]
    public void Each_number_and_each_name_stands_once_in_a_flavour()
    {
        foreach (var flavour in Flavours)
        {
            flavour.Shown().Select(static shown => shown.Face.Id).Should().OnlyHaveUniqueItems().And.BeInAscendingOrder();
            flavour.Shown().Select(static shown => shown.Face.Name).Should().OnlyHaveUniqueItems();
        }
    }

    [Fact]
    public void Every_row_that_dcgm_exporter_shows_as_shipped_is_served_with_its_type_or_listed_as_not_served()
    {
        var active = Counters().Where(static row => !row.IsCommentedOut && row.Type != "label").ToArray();
        active.Should().HaveCount(25);
        foreach (var row in active)
        {
            if (NotServed.Contains(row.Name)) continue;
            var shown = DcgmFlavour.Until482.Shown().Should().ContainSingle(shown => shown.Face.Name == row.Name).Subject;
            DcgmFlavour.Until482.KindOf(shown.Field).ToString().ToLowerInvariant().Should().Be(row.Type, row.Name);
            shown.Field.IsDefault.Should().BeTrue(row.Name);
        }
        NotServed.Intersect(active.Select(static row => row.Name)).Should().Equal("DCGM_FI_DEV_VGPU_LICENSE_STATUS");
    }

    [Fact]
    public void Every_row_that_is_commented_out_there_is_served_with_its_type_or_listed_as_not_served()
    {
        var active = Counters().Where(static row => !row.IsCommentedOut).Select(static row => row.Name).ToHashSet();
        foreach (var row in Counters().Where(row => row.IsCommentedOut && !active.Contains(row.Name) && !NotServed.Contains(row.Name)))
        {
            var shown = DcgmFlavour.Until482.Shown().Should().ContainSingle(shown => shown.Face.Name == row.Name).Subject;
            DcgmFlavour.Until482.KindOf(shown.Field).ToString().ToLowerInvariant().Should().Be(row.Type, row.Name);
            shown.Field.IsDefault.Should().BeFalse(row.Name);
        }
    }

    [Fact]
    public void The_rows_beyond_that_list_are_those_that_rules_need()
    {
        var listed = Counters().Select(static row => row.Name).ToHashSet();

        DcgmFlavour.Until482.Shown().Select(static shown => shown.Face.Name).Where(name => !listed.Contains(name)).Should().Equal("DCGM_FI_DEV_ROW_REMAP_PENDING");
    }

    [Fact]
    public void What_a_name_of_4_9_says_of_its_unit_is_true()
    {
        foreach (var (field, face) in DcgmFlavour.From49.Shown())
        {
            if (face.Name.EndsWith("_RATIO", StringComparison.Ordinal)) (face.Scale, face.Number).Should().Be((1, DcgmNumber.Decimal), face.Name);
            if (face.Name.EndsWith("_HERTZ", StringComparison.Ordinal) || face.Name.EndsWith("_BYTES", StringComparison.Ordinal) || face.Name.EndsWith("_SECONDS_TOTAL", StringComparison.Ordinal)) face.Scale.Should().Be(1, "{0} is of the agent's base unit", face.Name);
            if (face.Name.EndsWith("_SECONDS_TOTAL", StringComparison.Ordinal) || face.Name.EndsWith("JOULES_TOTAL", StringComparison.Ordinal)) field.Kind.Should().Be(MetricKind.Counter);
        }
    }

    [Fact]
    public void Help_is_no_sentence_of_dcgm_exporters()
    {
        var theirs = Counters().Select(static row => row.Help.TrimEnd('.')).ToHashSet(StringComparer.OrdinalIgnoreCase);

        DcgmFields.All.Should().OnlyContain(field => field.Help.Length > 10 && !field.Help.EndsWith('.') && !theirs.Contains(field.Help));
    }

    [Fact]
    public void The_document_lists_them()
    {
        const string Heading = "## Field by field\n\n";
        var path = RepositoryRoot.Combine("docs", "dcgm-exporter.md");
        var text = File.ReadAllText(path);
        var expected = text[..(text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length)] + DcgmDocument.Markdown();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !ContinuousIntegration.IsOn) File.WriteAllText(path, expected);
        File.ReadAllText(path).Should().Be(expected, "the tables of docs/dcgm-exporter.md are written from the fields; UPDATE_GOLDEN=1 renews them");
    }

    private static HashSet<string> NotServed => [.. DcgmFields.NotServed.SelectMany(static one => one.Name.Split(", "))];

    private static IEnumerable<Row> Counters()
    {
        foreach (var line in File.ReadLines(Requirement.SharedData("dcgm-exporter", "default-counters.csv")))
        {
            var isCommentedOut = line.StartsWith('#');
            var cells = line.TrimStart('#').Split(',', 3, StringSplitOptions.TrimEntries);
            if (cells is [var name, var type, var help] && name.StartsWith("DCGM_", StringComparison.Ordinal)) yield return new Row(name, type, help, isCommentedOut);
        }
    }

    private sealed record Row(string Name, string Type, string Help, bool IsCommentedOut);
}
