using System.Data;
using System.Text.Json;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Parley.Platform.Data;

/// <summary>Points in time are read as UTC and sent as UTC, whatever their offset. Not the generic base class: it cannot return null for a lone null value.</summary>
internal sealed class DateTimeOffsetHandler : SqlMapper.ITypeHandler
{
    public object? Parse(Type destinationType, object value) => value switch
    {
        null or DBNull => null,
        DateTimeOffset offset => offset,
        DateTime utc => new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)),
        _ => throw new InvalidCastException($"{value.GetType()} is no point in time."),
    };

    public void SetValue(IDbDataParameter parameter, object value)
    {
        ((NpgsqlParameter)parameter).NpgsqlDbType = NpgsqlDbType.TimestampTz;
        parameter.Value = value is DateTimeOffset at ? at.ToUniversalTime() : DBNull.Value;
    }
}

/// <summary>A <see cref="JsonElement"/> parameter is sent as jsonb; a jsonb column is read as one.</summary>
internal sealed class JsonElementHandler : SqlMapper.TypeHandler<JsonElement>
{
    public override JsonElement Parse(object value) => JsonSerializer.Deserialize<JsonElement>((string)value);

    public override void SetValue(IDbDataParameter parameter, JsonElement value)
    {
        ((NpgsqlParameter)parameter).NpgsqlDbType = NpgsqlDbType.Jsonb;
        parameter.Value = value.GetRawText();
    }
}
