using FluentAssertions;
using Monitoring.Dashboards.Generator;
using Xunit;

namespace Monitoring.Tests.Dashboards;

/// <summary>What is committed below <c>dashboards/</c> is what the generator makes.</summary>
public sealed class GeneratedFilesTests
{
    private const string Remedy = "'dotnet run --project dashboards/Generator -- dashboards' writes what is generated; read the diff";

    private static readonly string Directory = RepositoryRoot.Combine("dashboards");

    public static TheoryData<string> Paths => [.. GeneratedFiles.All(Directory).Select(static file => file.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void The_committed_file_is_what_the_generator_makes(string path)
    {
        var made = GeneratedFiles.All(Directory).Single(file => file.Path == path).Text;
        var committed = Path.Combine(Directory, path);

        File.Exists(committed).Should().BeTrue($"{path} is generated: {Remedy}");
        GoldenFile.FirstDifference(File.ReadAllText(committed), made).Should().BeNull(Remedy);
    }

    [Fact]
    public void Every_file_has_a_path_of_its_own_and_ends_with_a_line_feed()
    {
        var files = GeneratedFiles.All(Directory).ToList();

        files.Should().NotBeEmpty().And.OnlyHaveUniqueItems(static file => file.Path);
        files.Should().OnlyContain(static file => file.Text.EndsWith('\n') && !Path.IsPathRooted(file.Path));
    }
}
