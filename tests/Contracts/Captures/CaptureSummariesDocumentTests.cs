using System.Reflection;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Contracts.Captures;

/// <summary>What is in a summary is in its document.</summary>
public sealed class CaptureSummariesDocumentTests
{
    private static readonly string Document = File.ReadAllText(RepositoryRoot.Combine("docs", "capture-summaries.md"));

    [Theory]
    [InlineData(typeof(TriageCodes))]
    [InlineData(typeof(DifferenceMeasures))]
    public void Every_word_is_explained(Type words) =>
        words.GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!)
            .Should().NotBeEmpty().And.OnlyContain(static word => Document.Contains($"`{word}`"));

    [Theory]
    [InlineData(typeof(ProfilerSummary))]
    [InlineData(typeof(SummaryTable))]
    [InlineData(typeof(SummaryRow))]
    [InlineData(typeof(GpuActivity))]
    [InlineData(typeof(GpuGaps))]
    [InlineData(typeof(NcclSummary))]
    [InlineData(typeof(StepSummary))]
    [InlineData(typeof(GpuMetric))]
    [InlineData(typeof(CpuSampleRow))]
    [InlineData(typeof(CounterMeans))]
    [InlineData(typeof(SummaryDifference))]
    public void Every_field_is_explained(Type form) =>
        form.GetProperties().Select(static property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name))
            .Should().NotBeEmpty().And.OnlyContain(static field => Document.Contains($"`{field}`") || Document.Contains($"[].{field}`"));
}
