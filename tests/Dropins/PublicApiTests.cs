using System.Reflection;
using System.Text;
using Microsoft.Extensions.Hosting.Systemd;
using Xunit;

namespace Monitoring.Tests.Dropins;

/// <summary>
/// Every public member of the drop-ins, compared with Golden/public-api.txt. The file may only ever hold what the packages have
/// too: a line that upstream lacks would compile here and fail with -p:UpstreamPackages=true.
/// </summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_members_are_those_of_the_packages()
    {
        StringBuilder listing = new();
        foreach (Type type in typeof(ISystemdNotifier).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            listing.Append(type.FullName).Append(" : ").Append(Kind(type)).Append('\n');
            foreach (string member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(member => member is not MethodInfo { IsSpecialName: true })
                .Select(Describe).Order(StringComparer.Ordinal))
            {
                listing.Append("    ").Append(member).Append('\n');
            }
        }
        GoldenText.Check(listing.ToString(), "public-api.txt");
    }

    private static string Kind(Type type) => type switch
    {
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsSealed: true } => "sealed class",
        _ => string.Join(", ", type.GetInterfaces().Select(contract => contract.Name).Prepend("class")),
    };

    private static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $".ctor({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        PropertyInfo property => $"{Name(property.PropertyType)} {property.Name} {{ {(property.CanRead ? "get; " : "")}{(property.CanWrite ? "set; " : "")}}}",
        FieldInfo field => $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)} {field.Name}",
        _ => member.ToString()!,
    };

    private static string Parameters(MethodBase method)
        => string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
