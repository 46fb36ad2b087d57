"""A whole process of pandas and scikit-learn: reads a table, scales and encodes its columns, and fits a linear regression."""
import json
import sys

import numpy as np
import pandas as pd
import sklearn
from protocol import versions
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

request = json.loads(sys.argv[1])


def about():
    return versions(pandas=pd.__version__, **{"scikit-learn": sklearn.__version__, "numpy": np.__version__})


def fit():
    file, target, features = request["file"], request["target"], request.get("features")
    columns = None if features is None else [*features, target]
    table = pd.read_parquet(file, columns=columns) if file.endswith(".parquet") else pd.read_csv(file, usecols=columns)
    table = table.dropna()
    y = table.pop(target).to_numpy(np.float64)
    for name in table.select_dtypes("datetime"):
        table[name] = (table[name] - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    X = pd.get_dummies(table, drop_first=True, dtype=np.float64).to_numpy(np.float64)
    scaled = StandardScaler().fit_transform(X)
    model = LinearRegression().fit(scaled, y)
    return {"rows": len(y), "score": model.score(scaled, y)}


print(json.dumps({"about": about, "fit": fit}[request["do"]]()))
